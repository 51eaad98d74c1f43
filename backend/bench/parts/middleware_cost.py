"""What a request pays before its route: everything that the product puts around the application."""

import itertools
import time
from functools import partial
from pathlib import Path
from uuid import uuid4

import jwt
from starlette.types import Message, Receive, Scope, Send

from app.api.auth import ROLE, SharedSecret, TokenVerifier
from app.api.body_limit import BodyLimit
from app.config import Settings
from app.edge import make_edge
from app.middleware.monitoring import PrometheusMeter, RequestWatch
from app.middleware.security import secured

LEARNERS = 200
SECRET = "x" * 32
_ANSWER = b'{"items":[],"next_cursor":null}'
_START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json")],
}


async def cost_ms(requests: int, folder: Path) -> list[tuple[float, float]]:
    """Return for each request what it took outside of the application, in ms: by the clock, and of the core.

    Requests are reads with a token, of many learners at addresses of their own.
    """
    inside = [0.0, 0.0]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        began, worked = time.perf_counter(), time.thread_time()
        await receive()
        await send(_START)
        await send({"type": "http.response.body", "body": _ANSWER})
        inside[:] = time.perf_counter() - began, time.thread_time() - worked

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        pass

    settings = Settings(data_dir=folder, rate_limit_read="1000000/60")
    verifier, meter = TokenVerifier(SharedSecret(SECRET)), PrometheusMeter()
    edge = make_edge(settings, verifier, meter, None)
    whole = partial(RequestWatch, meter=meter)(secured(BodyLimit(application), edge))
    costs: list[tuple[float, float]] = []
    for scope in itertools.islice(itertools.cycle(_scopes()), requests):
        began, worked = time.perf_counter(), time.thread_time()
        await whole(dict(scope), receive, send)
        took, cpu = time.perf_counter() - began, time.thread_time() - worked
        costs.append(((took - inside[0]) * 1000, (cpu - inside[1]) * 1000))
    return costs


def _scopes() -> list[Scope]:
    claims = {"aud": "authenticated", "role": ROLE, "exp": int(time.time()) + 3_600}
    tokens = [jwt.encode({**claims, "sub": str(uuid4())}, SECRET, algorithm="HS256") for _ in range(LEARNERS)]
    return [
        {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/sessions",
            "query_string": b"",
            "scheme": "http",
            "headers": [(b"host", b"127.0.0.1:8000"), (b"authorization", f"Bearer {token}".encode())],
            "client": (f"192.0.2.{place}", 40_000),
        }
        for place, token in enumerate(tokens)
    ]
