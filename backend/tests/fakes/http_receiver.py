"""A server on a thread that takes whatever is posted to it and keeps it: a collector, an error tracker."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WAIT_S = 20.0


@dataclass
class Receiver:
    """What has come: the path and the unpacked body of each post, in order."""

    port: int = 0
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[tuple[str, bytes]]:
        """Return the posts once there are so many; fails when they do not come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.posts) >= count, WAIT_S), f"{len(self.posts)} came"
            return list(self.posts)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a free port of this machine while the block runs."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            with receiver.came:
                receiver.posts.append((self.path, body))
                receiver.came.notify_all()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
