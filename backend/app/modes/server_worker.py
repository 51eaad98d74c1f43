"""A server process that was started by another one, which holds its listening socket.

`python -m app.modes.server_worker DESCRIPTOR`
"""

import json
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from app.config import Settings
from app.engines import LOCAL, Engines
from app.log import configure_logging
from app.main import create_app
from app.modes.listener import address
from app.modes.parent import end_with_parent
from app.modes.uvicorn_server import Server, server_config


def main(argv: Sequence[str], engines: Engines = LOCAL) -> None:
    """Serve until told to stop, or until the parent is gone; the settings are in the environment."""
    settings = Settings()
    configure_logging(settings.log_level, json_lines=settings.environment == "prod")
    with socket.socket(fileno=int(argv[0])) as listener:
        serve(create_app(settings, engines), listener, drain_s=settings.drain_seconds)


def serve(app: Callable[..., Any], listener: socket.socket, *, drain_s: float) -> None:
    """Serve `app` and tell the parent once it answers, and where."""

    def announce() -> None:
        sys.stdout.write(json.dumps({"url": address(listener)}) + "\n")
        sys.stdout.flush()

    end_with_parent()
    Server(server_config(app), announce, drain_s=drain_s).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1:])
