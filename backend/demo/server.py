"""The server of a demo: a process of its own, on a free port, that ends with the demo."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.modes.child import ChildFailed, child

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

    Raises ServerFailed.
    """
    log = data_dir / LOG_NAME
    arguments = ["--port", str(port), "--data-dir", str(data_dir), "--json"]
    with log.open("wb") as errors:
        try:
            async with child("demo.server_process", arguments, errors=errors.fileno()) as server:
                yield DemoServer(server.said["url"], server.pid, log)
        except ChildFailed as failed:
            raise ServerFailed(f"{failed}\n{_tail(log)}") from None


def _tail(log: Path) -> str:
    return log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()
