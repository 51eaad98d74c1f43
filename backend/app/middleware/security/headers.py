"""Response headers that tell a browser what it may not do with our answers."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.security.route_classes import API

DOCS = ("/docs", "/static-offline-docs")
HSTS = "max-age=31536000; includeSubDomains"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), "
    "display-capture=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_PAGE = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_DATA = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
# Swagger's page starts itself with a script of its own in the page, and styles itself as it goes.
_SWAGGER = _PAGE | {
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self'",
}


class SecurityHeaders:
    """Adds the headers to every answer, errors included; what an answer has set itself stays.

    `https_only` is for production, where a browser is told never to come without TLS. `connect_to` are the
    addresses that the page may talk to beside its own.
    """

    def __init__(self, app: ASGIApp, *, https_only: bool, connect_to: tuple[str, ...] = ()) -> None:
        self._app = app
        self._always = _EVERYWHERE | ({"Strict-Transport-Security": HSTS} if https_only else {})
        self._connect_to = [origin for url in connect_to if (origin := _origin(url))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to the answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = MutableHeaders(scope=message)
                for name, value in (self._always | self._policy(scope)).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)

    def _policy(self, scope: Scope) -> dict[str, str]:
        path: str = scope["path"]
        if path.startswith(API):
            return {"Content-Security-Policy": _written(_DATA), "Cache-Control": "no-store"}
        if path.startswith(DOCS):
            return {"Content-Security-Policy": _written(_SWAGGER)}
        return {"Content-Security-Policy": _written(_PAGE | {"connect-src": self._reachable(scope)})}

    def _reachable(self, scope: Scope) -> str:
        """Return whom the page may talk to. To older browsers 'self' is not the socket of the same host."""
        host = Headers(scope=scope).get("host", "")
        socket = [f"ws://{host}", f"wss://{host}"] if _HOST.fullmatch(host) else []
        return " ".join(["'self'", *socket, *self._connect_to])


def _origin(url: str) -> str | None:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else None


def _written(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}".rstrip() for name, value in policy.items())
