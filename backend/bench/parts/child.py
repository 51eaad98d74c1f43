"""A Python process of our own: started, told to stop, or killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BACKEND = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


class ChildFailed(Exception):
    """The process did not come up; its own words are on standard error."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process; `said` is the JSON object it printed once it was up."""

    process: asyncio.subprocess.Process
    said: dict[str, Any]

    async def kill(self) -> None:
        """Kill it as the system does when memory runs out: without a word."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def child(module: str, arguments: Sequence[str] = ()) -> AsyncIterator[Child]:
    """Run `python -m module`, yield it once it has printed a line of JSON, and always stop it.

    Its standard input ends with this process, by which it knows when to go. Raises ChildFailed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        cwd=BACKEND,
        env=os.environ | {"PYTHONPATH": str(BACKEND)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Child(process, await _first_word(process, module))
    finally:
        await asyncio.shield(_stop(process))


async def _first_word(process: asyncio.subprocess.Process, module: str) -> dict[str, Any]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise ChildFailed(f"{module} was not up within {START_TIMEOUT_S:.0f} s.") from None
    if not line:
        raise ChildFailed(f"{module} did not start.")
    said: dict[str, Any] = json.loads(line)
    return said


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
