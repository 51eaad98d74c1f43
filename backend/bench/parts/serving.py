"""Serving an application from a benchmark's own process, with the product's own server."""

import socket

from fastapi import FastAPI

from app.modes.server_worker import serve as serve_at

DRAIN_S = 10.0


def serve(app: FastAPI, *, port: int = 0) -> int:
    """Serve on the loopback address, print `{"url": ...}` once it answers, stop when standard input ends."""
    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        serve_at(app, listener, drain_s=DRAIN_S)
    return 0
