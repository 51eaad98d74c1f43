"""Which bodies are read at all: of a content type that the address takes, and not nested without end."""

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.audio_body import PCM_TYPES, WAV_TYPES
from app.api.errors import BodyTooDeep, problem_response
from app.middleware.security.json_depth import nested_deeper

JSON = "application/json"
MAX_DEPTH = 32

_RECORDINGS = re.compile(r"/api/v1/training/tasks/[^/]+/complete")


class ContentCheck:
    """Answers 415 to a body of another type than the address takes, and 400 to JSON of more than 32 levels.

    JSON is UTF-8 (RFC 8259, 8.1); a body that names another charset is of another type.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, looking at its body as it is read."""
        if scope["type"] != "http" or not _has_body(headers := Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        media_type, charset = _content_type(headers.get("content-type", ""))
        taken = {JSON} | (WAV_TYPES | PCM_TYPES if _RECORDINGS.fullmatch(scope["path"]) else set())
        if media_type not in taken or (media_type == JSON and charset not in {"", "utf-8", "utf8"}):
            answer = problem_response(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                f"Send the body as {' or '.join(sorted(taken))}, JSON in UTF-8.",
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, _shallow(receive) if media_type == JSON else receive, send)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _content_type(header: str) -> tuple[str, str]:
    """Return the media type and the charset, '' where there is none, in lower case."""
    media_type, *parameters = [part.strip().lower() for part in header.split(";")]
    named = dict(parameter.partition("=")[::2] for parameter in parameters)
    return media_type, named.get("charset", "").strip('"')


def _shallow(receive: Receive) -> Receive:
    """Return what receives the body and refuses JSON that is too deep, once it is there.

    Raised where the body is read, so that the application's own handler writes the answer.
    """
    body = bytearray()

    async def checked() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            body.extend(message.get("body", b""))
            if not message.get("more_body") and nested_deeper(bytes(body), MAX_DEPTH):
                raise BodyTooDeep(MAX_DEPTH)
        return message

    return checked
