"""A worker's own /health and /metrics, answered by a thread: also when the event loop does not answer."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST

BEAT_S = 1.0
READ_S = 5.0
"""How long a caller may take to say what it wants."""


class Beats:
    """Signs of life of an event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    async def keep(self) -> None:
        """Beat until cancelled."""
        while True:
            self._last = self._clock()
            await asyncio.sleep(BEAT_S)

    def silent_s(self) -> float:
        """Return for how many seconds the loop has not come round. Safe from any thread."""
        return self._clock() - self._last


@contextmanager
def probe(host: str, port: int, numbers: Callable[[], bytes], alive: Callable[[], bool]) -> Iterator[int]:
    """Answer on `port`, 0 for a free one, while the block runs; yield the port.

    /health is 200 while `alive`, else 503; /metrics is what `numbers` returns. Raises OSError.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_S
        server_version = "speakmate"
        sys_version = ""

        def do_GET(self) -> None:
            match self.path:
                case "/health":
                    well = alive()
                    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
                    body = b'{"status":"ok"}' if well else b'{"status":"hung"}'
                    self._answer(status, "application/json", body)
                case "/metrics":
                    self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, numbers())
                case _:
                    self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/health or /metrics\n")

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing: it is asked all the time."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="probe", daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
