"""--workers N: server processes that share one listening socket and one set of numbers."""

import asyncio
import signal
import socket
import tempfile

from prometheus_client import multiprocess

from app.config import Settings
from app.modes.child import Child, start_child
from app.modes.errors import CannotStart
from app.modes.notice import Notice
from app.modes.settings import as_environment
from app.modes.supervisor import Supervisor, WorkersKeepDying


def serve_in_workers(
    settings: Settings,
    workers: int,
    listener: socket.socket,
    notice: Notice,
    *,
    module: str = "app.modes.server_worker",
) -> None:
    """Serve in `workers` processes until SIGINT or SIGTERM; a second one ends them at once.

    A process that dies is started again; its sessions go on where their clients come back to. Each runs
    `module` with the listener's descriptor. Raises CannotStart when one keeps dying.
    """
    with tempfile.TemporaryDirectory(prefix="speakmate-metrics-") as numbers:
        environment = as_environment(settings) | {"PROMETHEUS_MULTIPROC_DIR": numbers}

        async def start() -> Child:
            descriptor = listener.fileno()
            return await start_child(
                module, [str(descriptor)], environment=environment, pass_fds=[descriptor]
            )

        def gone(pid: int) -> None:
            """Take a dead process out of what counts the living; its counters stay in the sums."""
            multiprocess.mark_process_dead(pid, numbers)  # type: ignore[no-untyped-call]  # untyped library

        asyncio.run(
            _supervise(
                Supervisor(
                    start, workers=workers, stop_s=settings.drain_seconds, on_up=notice.give, on_gone=gone
                )
            )
        )


async def _supervise(supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop)
    try:
        await supervisor.run()
    except WorkersKeepDying as failure:
        raise CannotStart(str(failure)) from failure
