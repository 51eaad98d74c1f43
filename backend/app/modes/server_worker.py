"""A server process that was started by another one, which holds its listening socket.

`python -m app.modes.server_worker DESCRIPTOR START`; START is its own for every start.
"""

import json
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from app.config import Settings
from app.engines import FROM_SETTINGS, Engines
from app.lease_owner import lease_owner
from app.main import create_app
from app.memory import share_heaps
from app.modes.heartbeat import Heartbeat
from app.modes.listener import address
from app.modes.parent import end_with_parent
from app.modes.uvicorn_server import Server, server_config
from app.observing import observe


def main(argv: Sequence[str], engines: Engines = FROM_SETTINGS) -> None:
    """Serve until told to stop, or until the parent is gone; the settings are in the environment."""
    share_heaps()
    settings = Settings()
    flush = observe(settings)
    descriptor, start = argv
    with socket.socket(fileno=int(descriptor)) as listener:
        app = create_app(settings, engines, owner=lease_owner(start))
        try:
            serve(app, listener, drain_s=settings.drain_seconds)
        finally:
            flush()


def serve(app: Callable[..., Any], listener: socket.socket, *, drain_s: float) -> None:
    """Serve `app`, tell the parent once it answers, and where, and from then on that it is alive."""

    def announce() -> None:
        sys.stdout.write(json.dumps({"url": address(listener)}) + "\n")
        sys.stdout.flush()
        Heartbeat(sys.stdout.fileno()).start()

    end_with_parent()
    Server(server_config(app), announce, drain_s=drain_s).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1:])
