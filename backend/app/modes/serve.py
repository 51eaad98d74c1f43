"""--mode dev and --mode prod: the database if it is ours, the schema, then the server, until interrupted."""

import contextlib
import signal
import socket
from collections.abc import Iterator
from typing import NoReturn

from app.config import ConfigurationError, Settings
from app.modes.arguments import Command
from app.modes.database import with_database
from app.modes.errors import CannotStart
from app.modes.leave import leave
from app.modes.listener import address, listening
from app.modes.notice import Notice
from app.modes.reload import serve_reloading
from app.modes.settings import load_settings
from app.modes.uvicorn_server import Server, server_config
from app.modes.workers import serve_in_workers
from app.observing import observe

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM: the way a server is meant to end."""

    def __init__(self, signum: int) -> None:
        self.signum = signum


class Interruption:
    """What the first SIGINT or SIGTERM leaves behind, should the exception it raises be swallowed."""

    def __init__(self) -> None:
        self._signum: int | None = None

    def __call__(self, signum: int, frame: object) -> None:
        """Handle the signal; what follows it is clearing up, which further ones must not disturb."""
        self._signum = signum
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signum)

    def check(self) -> None:
        """Raise Interrupted if the signal has come: packages catch too much while they are imported."""
        if self._signum is not None:
            raise Interrupted(self._signum)


def run(command: Command) -> NoReturn:
    """Serve until interrupted, then end the process. Raises CannotStart."""
    leave(_run(command))


def _run(command: Command) -> int:
    settings = load_settings(command)
    flush = observe(settings)
    try:
        with (
            _interruptible() as interruption,
            listening(settings.host, settings.port) as listener,
            with_database(settings) as complete,
        ):
            notice = Notice(complete, address(listener), command.json)
            if command.reload:
                serve_reloading(complete, listener, notice)
            elif command.workers > 1:
                serve_in_workers(complete, command.workers, listener, notice)
            else:
                _serve(complete, listener, notice, interruption)
    except Interrupted as early:
        return 128 + early.signum
    finally:
        flush()
    return 0


def _serve(settings: Settings, listener: socket.socket, notice: Notice, interruption: Interruption) -> None:
    """Serve in this process until interrupted. Raises CannotStart when the application does not start."""
    from app.main import create_app  # noqa: PLC0415 - a start that is refused should not pay for it

    try:
        server = Server(server_config(create_app(settings)), notice.give, drain_s=settings.drain_seconds)
    except ConfigurationError as reason:
        raise CannotStart(str(reason)) from reason
    interruption.check()
    try:
        server.run(sockets=[listener])
    except Interrupted:
        if not server.started:
            raise
    except SystemExit as failed:  # uvicorn's answer to an application that fails to start; it has logged why
        raise CannotStart("The application failed to start; the reason stands above.") from failed


@contextlib.contextmanager
def _interruptible() -> Iterator[Interruption]:
    """Turn the first stop signal into Interrupted.

    uvicorn takes the signals over while it serves, ends in good order, and then raises them again.
    """
    interruption = Interruption()
    before = {each: signal.signal(each, interruption) for each in STOP_SIGNALS}
    try:
        yield interruption
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
