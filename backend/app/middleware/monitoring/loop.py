"""Whether something holds up the event loop."""

import asyncio
from collections.abc import Callable

LOOK_S = 0.1


async def watch_loop(on_lag: Callable[[float], None]) -> None:
    """Tell every 0.1 s how late the event loop was, in seconds, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_S
        await asyncio.sleep(LOOK_S)
        on_lag(max(0.0, loop.time() - due))
