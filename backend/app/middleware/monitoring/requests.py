"""What every request and connection carries through the process: its id, its numbers, its line in the log."""

import re
import time
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.request_context import HEADER, PROBLEM_CODE, REQUEST_ID, route_of
from app.services import tracing
from app.services.pii import redacted

TRACEPARENT = "traceparent"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/health", "/ready", "/metrics"})
"""Asked for all the time, by machines."""

log = structlog.get_logger()


class RequestMeter(Protocol):
    """Whoever counts requests."""

    def request_served(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request to a route, named by its template, was answered or failed."""
        ...

    def problem_answered(self, code: str) -> None:
        """A request was answered with a problem document of this code."""
        ...


class RequestWatch:
    """Outermost of the application's own middleware.

    A request keeps the id that it comes with, if that is one; the answer says it. Of connections of other
    kinds only the id is bound: how long they last says nothing.
    """

    def __init__(
        self, app: ASGIApp, *, meter: RequestMeter, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app = app
        self._meter = meter
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request in a context of its own."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = scope[REQUEST_ID] = request_id_of(headers.get(HEADER))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        with tracing.span(scope["type"], "server", parent=headers.get(TRACEPARENT)) as span:
            if (trace_id := tracing.trace_id()) is not None:
                structlog.contextvars.bind_contextvars(trace_id=trace_id)
            if scope["type"] == "http":
                await self._serve(scope, receive, send, request_id, span)
            else:
                await self._app(scope, receive, send)
                span.rename(f"WS {route_of(scope)}")

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, request_id: str, span: tracing.Span
    ) -> None:
        status = 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        began = self._clock()
        try:
            await self._app(scope, receive, answered)
        finally:
            self._note(scope, status, self._clock() - began, span)

    def _note(self, scope: Scope, status: int, seconds: float, span: tracing.Span) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._meter.request_served(method, route, status, seconds)
        span.rename(f"{method} {route}")
        span.note({"http.request.method": method, "http.route": route, "http.response.status_code": status})
        if status >= 500:
            span.failed(str(status))
        code = structlog.contextvars.get_contextvars().get(PROBLEM_CODE)
        if code is not None:
            self._meter.problem_answered(code)
        if route not in _QUIET:
            log.info("http.request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def request_id_of(offered: str | None) -> str:
    """Return the id that a caller offers, if it is one and says nothing about anybody; else a new one."""
    if offered is not None and _SANE.fullmatch(offered) and redacted(offered) == offered:
        return offered
    return str(uuid4())
