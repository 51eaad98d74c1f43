"""A small application behind the real edge, with a clock that tests move."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from fastapi import FastAPI, Request, WebSocket
from starlette.types import ASGIApp, Message

from app.api.auth import Principal
from app.api.errors import install_errors
from app.middleware.security import (
    Edge,
    MemoryBuckets,
    Rate,
    RouteClass,
    install_security,
)

NAMES = UUID("00000000-0000-4000-8000-000000000001")


@dataclass
class Refusals:
    """LimitMeter that remembers."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def rate_limited(self, route_class: str, by: str) -> None:
        self.seen.append((route_class, by))


async def known(token: str) -> Principal | None:
    """Tokens are names; the bad one is nobody's."""
    return None if token == "bad" else Principal(uuid5(NAMES, token), datetime.max.replace(tzinfo=UTC))


class Site:
    """An application behind an edge; a test asks from any address."""

    def __init__(self, around: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> None:
        self._around = around
        self.now = 1_000.0
        self.refusals = Refusals()
        self.edge = Edge(
            rates=dict.fromkeys(RouteClass, Rate(3, 60)),
            per_address=2,
            buckets=MemoryBuckets(clock=lambda: self.now),
            identify=known,
            meter=self.refusals,
        )
        self._app: FastAPI | None = None

    def configure(self, **changes: Any) -> None:
        """Change the edge, before the first request."""
        self.edge = replace(self.edge, **changes)

    @property
    def app(self) -> FastAPI:
        if self._app is None:
            self._app = _application()
            install_security(self._app, self.edge, around=self._around)
        return self._app

    async def ask(
        self,
        path: str = "/api/v1/things",
        *,
        method: str = "GET",
        peer: str = "192.0.2.1",
        user: str | None = None,
        headers: Mapping[str, str] | list[tuple[str, str]] = (),  # type: ignore[assignment]
        **request: Any,
    ) -> httpx.Response:
        """Send one request from `peer`."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(peer, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
            sent = httpx.Headers(headers)
            if user:
                sent["authorization"] = f"Bearer {user}"
            return await client.request(method, path, headers=sent, **request)

    async def handshake(
        self, *, peer: str = "192.0.2.1", headers: Mapping[str, str] | None = None, extensions: bool = True
    ) -> list[Message]:
        """Open a socket; return what the server said."""
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            said.append(message)

        scope = {
            "type": "websocket",
            "path": "/ws/one",
            "raw_path": b"/ws/one",
            "query_string": b"",
            "scheme": "ws",
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {"host": "test"}).items()],
            "client": (peer, 40_000),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}} if extensions else {},
        }
        await self.app(scope, receive, send)
        return said


def _application() -> FastAPI:
    app = FastAPI()
    install_errors(app)

    @app.get("/api/v1/things")
    @app.get("/api/v1/users/me/export")
    @app.get("/health")
    @app.get("/page.html")
    async def read(request: Request) -> dict[str, Any]:
        assert request.client is not None
        return {"client": request.client.host, "scheme": request.url.scheme}

    @app.post("/api/v1/things")
    @app.post("/api/v1/training/tasks/{task}/complete")
    async def write(request: Request) -> int:
        return len(await request.body())

    @app.post("/api/v1/json")
    async def take(body: dict[str, Any]) -> int:
        return len(body)

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("the password is hunter2")

    @app.websocket("/ws/one")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    return app


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def site() -> Site:
    return Site()
