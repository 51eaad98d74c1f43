"""The server of a demo: a process of its own, on a free port, that ends with the demo."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BACKEND = Path(__file__).resolve().parents[1]
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 20.0
LOG_NAME = "demo-server.log"
LOG_TAIL_BYTES = 4_000


class ServerFailed(Exception):
    """The server did not start; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running server."""

    url: str
    pid: int
    log: Path

    def rss_mb(self) -> float | None:
        """Resident memory of the process in MiB, or None where the system does not tell."""
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
                if line.startswith("VmRSS:"):
                    return round(int(line.split()[1]) / 1024, 1)
        return None


@asynccontextmanager
async def demo_server(data_dir: Path, *, port: int = 0) -> AsyncIterator[DemoServer]:
    """Start a development server on the folder `data_dir`, yield it once it answers, and always stop it.

    It has a session of its own, so that Ctrl-C reaches the demo alone, which then stops it in good order;
    and it ends by itself when the demo is gone. Raises ServerFailed.
    """
    log = data_dir / LOG_NAME
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "demo.server_process", "--port", str(port), "--data-dir", str(data_dir), "--json"),
            cwd=BACKEND,
            env=os.environ | {"PYTHONPATH": str(BACKEND)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        yield DemoServer(await _address(process, log), process.pid, log)
    finally:
        await asyncio.shield(_stop(process))


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise ServerFailed(f"The server was not up within {START_TIMEOUT_S:.0f} s.\n{_tail(log)}") from None
    if not line:
        raise ServerFailed(f"The server did not start.\n{_tail(log)}")
    return str(json.loads(line)["url"])


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _tail(log: Path) -> str:
    return log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()
