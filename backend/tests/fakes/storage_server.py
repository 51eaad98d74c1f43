"""A local server that speaks Supabase Storage's REST protocol, as far as we use it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sb_secret_of_the_tests"
BUCKET = "speakmate"
DATE = "2026-01-01T00:00:00Z"


@dataclass
class StorageServer:
    """Its address, what it holds, and what it will do wrong.

    The next requests are answered as `wrong` says: a status, or "drop" for a connection that ends.
    """

    url: str = ""
    buckets: dict[str, bool] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    wrong: list[int | str] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def storage_server() -> Iterator[StorageServer]:
    """Serve on a free port while the block runs."""
    state = StorageServer()
    server = _Server(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(state: StorageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            """Say nothing."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.asked.append(f"{self.command} {self.path}")
            if state.wrong:
                self._go_wrong(state.wrong.pop(0))
            elif {self.headers["apikey"], self.headers["Authorization"].removeprefix("Bearer ")} != {KEY}:
                self._refuse(403, "Unauthorized", "Invalid Compact JWS")
            else:
                self._answer(self.path.split("?")[0].removeprefix("/storage/v1/").split("/"), body)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names are the library's

        def _answer(self, path: list[str], body: bytes) -> None:
            match self.command, path:
                case "POST", ["bucket"]:
                    self._make_bucket(json.loads(body))
                case "POST", ["object", "list-v2", bucket]:
                    self._list(bucket, json.loads(body))
                case "DELETE", ["object", bucket]:
                    gone = [f"{bucket}/{key}" for key in json.loads(body)["prefixes"]]
                    self._send(
                        200, [{"name": key} for key in gone if state.objects.pop(key, None) is not None]
                    )
                case "POST", ["object", bucket, *_] if bucket in state.buckets:
                    self._upload("/".join(path[1:]), body)
                case "GET", ["object", *parts] if (found := state.objects.get("/".join(parts))) is not None:
                    self._send_bytes(200, found, "application/octet-stream")
                case "GET", ["object", *_]:
                    self._refuse(404, "not_found", "Object not found")
                case _:
                    self._refuse(404, "Bucket not found", "Bucket not found")

        def _make_bucket(self, wanted: dict[str, Any]) -> None:
            if wanted["id"] in state.buckets:
                self._refuse(409, "Duplicate", "The resource already exists")
            else:
                state.buckets[wanted["id"]] = bool(wanted.get("public"))
                self._send(200, {"name": wanted["name"]})

        def _upload(self, key: str, body: bytes) -> None:
            if key in state.objects and self.headers.get("x-upsert") != "true":
                self._refuse(409, "Duplicate", "The resource already exists")
                return
            form = message_from_bytes(f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body)
            (file,) = [part for part in form.walk() if part.get_filename() is not None]
            content = file.get_payload(decode=True)
            assert isinstance(content, bytes)
            state.objects[key] = content
            self._send(200, {"Id": "1", "Key": key})

        def _list(self, bucket: str, wanted: dict[str, Any]) -> None:
            prefix, after = f"{bucket}/{wanted['prefix']}", wanted.get("cursor", "")
            keys = sorted(key for key in state.objects if key.startswith(prefix))
            folders = []
            if wanted["with_delimiter"]:
                deeper = {key[: key.index("/", len(prefix)) + 1] for key in keys if "/" in key[len(prefix) :]}
                folders = [{"name": folder.removeprefix(f"{bucket}/")} for folder in sorted(deeper)]
                keys = [key for key in keys if "/" not in key[len(prefix) :]]
            keys = [key for key in keys if key > after]
            page = keys[: wanted["limit"]]
            described = {"id": "1", "metadata": {}, "created_at": DATE, "updated_at": DATE}
            found = [described | {"name": key.removeprefix(f"{bucket}/")} for key in page]
            more = {"nextCursor": page[-1]} if len(keys) > len(page) else {}
            self._send(200, {"hasNext": bool(more), "folders": folders, "objects": found} | more)

        def _go_wrong(self, how: int | str) -> None:
            if how == "drop":
                self.close_connection = True
                self.connection.close()
            elif how == "garbage":
                self._send_bytes(200, b"<html>", "text/html")
            else:
                self._send_bytes(int(how), b"<html>upstream</html>", "text/html")

        def _refuse(self, status: int, error: str, message: str) -> None:
            """As Storage does it: the real status is in the body, and 400 before it."""
            self._send(400, {"statusCode": str(status), "error": error, "message": message})

        def _send(self, status: int, body: Any) -> None:
            self._send_bytes(status, json.dumps(body).encode(), "application/json")

        def _send_bytes(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
