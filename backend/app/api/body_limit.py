"""Refusing bodies that no request here needs, before they are held in memory."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024
MAX_RECORDING_BYTES = 5 * 1024 * 1024
"""Two and a half minutes of sound and a little."""

MAX_IMPORT_BYTES = 8 * 1024 * 1024

Larger = Sequence[tuple[re.Pattern[str], str, int]]
"""Paths (whole), the beginning of the content type, and how many bytes a body may then have."""

LARGER: Larger = (
    (re.compile(r"/api/v1/training/tasks/[^/]+/complete"), "audio/", MAX_RECORDING_BYTES),
    (re.compile(r"/api/v1/training/tasks/[^/]+/complete"), "application/octet-stream", MAX_RECORDING_BYTES),
    (re.compile(r"/api/v1/training/import"), "application/json", MAX_IMPORT_BYTES),
)


class BodyLimit:
    """Answers 413 to a request whose body is, or turns out to be, larger than `max_bytes`.

    Raised where the body is read, so that the application's own handler writes the answer. `larger` names the
    requests that may be.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int = MAX_BODY_BYTES, larger: Larger = LARGER) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read of its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "0")
        most = self._limit(scope["path"], headers.get("content-type", "").lower())
        received = 0

        async def limited() -> Message:
            nonlocal received
            if announced.isdecimal() and int(announced) > most:
                raise HTTPException(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413)
            return message

        await self._app(scope, limited, send)

    def _limit(self, path: str, content_type: str) -> int:
        fitting = (
            size
            for pattern, kind, size in self._larger
            if pattern.fullmatch(path) and content_type.startswith(kind)
        )
        return next(fitting, self._max_bytes)
