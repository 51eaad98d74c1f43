"""--workers N: server processes that share one listening socket and one set of numbers."""

import asyncio
import signal
import socket
import tempfile

from prometheus_client import multiprocess

from app.config import Settings
from app.lease_owner import lease_owner, new_start
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

    A process that dies or hangs is started again; its sessions are free at once, and go on where their
    clients come back to. Each runs `module` with the listener's descriptor. Raises CannotStart when one keeps
    dying.
    """
    from app.modes.left_leases import release_left_by  # noqa: PLC0415 - a single process does without

    with tempfile.TemporaryDirectory(prefix="speakmate-metrics-") as numbers:
        environment = as_environment(settings) | {"PROMETHEUS_MULTIPROC_DIR": numbers}

        owners: dict[Child, str] = {}

        async def start() -> Child:
            descriptor, this_start = listener.fileno(), new_start()
            child = await start_child(
                module, [str(descriptor), this_start], environment=environment, pass_fds=[descriptor]
            )
            owners[child] = lease_owner(this_start, child.pid)
            return child

        async def gone(child: Child) -> None:
            """Take a dead process out of what counts the living, its counters stay in the sums, and let go
            what it held."""
            multiprocess.mark_process_dead(child.pid, numbers)  # type: ignore[no-untyped-call]  # untyped library
            await release_left_by(owners.pop(child), settings.database_url)

        supervisor = Supervisor(
            start,
            workers=workers,
            stop_s=settings.drain_seconds,
            hung_s=settings.hang_seconds,
            on_up=notice.give,
            on_gone=gone,
        )
        asyncio.run(_supervise(supervisor))


async def _supervise(supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop)
    try:
        await supervisor.run()
    except WorkersKeepDying as failure:
        raise CannotStart(str(failure)) from failure
