"""The product's server process with silent models: `python -m bench.parts.silent_server DESCRIPTOR START`."""

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from app.lease_owner import new_start
from app.middleware.security import RouteClass
from app.modes.child import Child, child
from app.modes.server_worker import main
from bench.parts.silent_engines import silent_engines

_NO_QUOTA = {"EXAMS_PER_USER": "0", "DAILY_MINUTES": "0"}


@asynccontextmanager
async def silent_server(
    conninfo: str, data_dir: Path, *, module: str = "bench.parts.silent_server"
) -> AsyncIterator[Child]:
    """Run one on a free port; `said["url"]` is its address. It signs in by name, as in development."""
    async with AsyncExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0), backlog=1_024) as listener:
            server = child(
                module,
                [str(listener.fileno()), new_start()],
                environment=silent_settings(conninfo, data_dir),
                pass_fds=[listener.fileno()],
            )
            running = await stack.enter_async_context(server)
        yield running


def silent_settings(conninfo: str, data_dir: Path) -> dict[str, str]:
    """Return the environment that it reads: one address and few users ask as much as a whole town."""
    plenty = {f"RATE_LIMIT_{name.upper()}": "1000000/60" for name in RouteClass}
    return {"ENVIRONMENT": "dev", "DATABASE_URL": conninfo, "DATA_DIR": str(data_dir), **_NO_QUOTA} | plenty


if __name__ == "__main__":
    main(sys.argv[1:], silent_engines())
