"""--reload: the server in a child process that is replaced when a source file changes.

The database stays with the parent. A reload loads the models anew and ends live connections, which is why it
has to be asked for.
"""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

from uvicorn.supervisors import ChangeReload

from app.config import BACKEND, Settings
from app.modes.leave import leave
from app.modes.notice import Notice
from app.modes.settings import as_environment
from app.modes.uvicorn_server import Server, server_config
from app.observing import observe


def serve_reloading(settings: Settings, listener: socket.socket, notice: Notice) -> None:
    """Serve until interrupted; the child reads `settings` from the environment."""
    os.environ.update(as_environment(settings))
    config = server_config("app.modes.reload:make_app", reload_dirs=[str(BACKEND / "app")])
    server = Server(config, notice.give, drain_s=settings.drain_seconds)
    ChangeReload(config, target=partial(_serve, server), sockets=[listener]).run()


def _serve(server: Server, sockets: list[socket.socket] | None = None) -> NoReturn:
    """Serve in the child until told to stop."""
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when it has done what it asks
        server.run(sockets=sockets)
    leave(0)


def make_app() -> Callable[..., Any]:
    """Make the application in the child."""
    from app.main import create_app  # noqa: PLC0415 - the parent must not load it

    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    settings = Settings()
    observe(settings)
    return create_app(settings)


def _end_with_parent() -> None:
    """Free the port when the parent was killed and cannot say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
