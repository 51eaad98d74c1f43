"""Answering only to names that are ours."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import problem_response
from app.api.websocket.protocol import CloseCode
from app.middleware.security.route_classes import PROBES

CODE = "host_not_allowed"


class AllowedHosts:
    """Refuses a request whose Host header names none of `hosts`; `*.example.org` are all names below it.

    No hosts: any name will do. Probes may use an address.
    """

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._names = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._below = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it is meant for us."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in PROBES or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await receive()
            await send({"type": "websocket.close", "code": int(CloseCode.PROTOCOL), "reason": CODE})
            return
        answer = problem_response(
            HTTPStatus.BAD_REQUEST, CODE, "This server does not go by the name in the Host header."
        )
        await answer(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        if not (self._names or self._below):
            return True
        host = Headers(scope=scope).get("host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        return name in self._names or name.endswith(self._below)
