"""The edge: what every request passes before the application sees it, and every answer on its way out.

From outside in: who is asking (trusted proxies), headers, the host's name, other origins, rate limits,
content. All of it is pure ASGI, for HTTP and the socket's handshake alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.middleware.security.buckets import (
    Buckets,
    BucketsUnavailable,
    Charge,
    MemoryBuckets,
    SubstituteBuckets,
)
from app.middleware.security.callers import Identify, identified_by
from app.middleware.security.content import ContentCheck
from app.middleware.security.headers import SecurityHeaders
from app.middleware.security.hosts import AllowedHosts
from app.middleware.security.rate_limits import LimitMeter, RateLimits
from app.middleware.security.rates import Rate, Spent
from app.middleware.security.route_classes import RouteClass

__all__ = [
    "Buckets",
    "BucketsUnavailable",
    "Charge",
    "Edge",
    "Identify",
    "LimitMeter",
    "MemoryBuckets",
    "Rate",
    "RouteClass",
    "Spent",
    "SubstituteBuckets",
    "identified_by",
    "install_security",
    "secured",
]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SENT = ("Authorization", "Content-Type", "If-None-Match", "If-Range", "Range", "traceparent")
READ = (
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)


@dataclass(frozen=True, slots=True)
class Edge:
    """What the edge needs to know.

    `rates` are a learner's; an address has `per_address` times as much. `proxies` are the addresses and
    networks whose X-Forwarded-For and X-Forwarded-Proto are believed, `hosts` the names we go by (none: any),
    `origins` the web origins that may use the API beside our own, `connect_to` what our pages may talk to.
    """

    rates: Mapping[RouteClass, Rate]
    per_address: int
    buckets: Buckets
    identify: Identify
    meter: LimitMeter
    https_only: bool = False
    proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    connect_to: tuple[str, ...] = ()


def secured(app: ASGIApp, edge: Edge) -> ASGIApp:
    """Return the application behind its edge."""
    app = ContentCheck(app)
    app = RateLimits(
        app,
        rates=edge.rates,
        per_address=edge.per_address,
        buckets=edge.buckets,
        identify=edge.identify,
        meter=edge.meter,
    )
    if edge.origins:
        app = CORSMiddleware(
            app, edge.origins, allow_methods=METHODS, allow_headers=SENT, expose_headers=READ
        )
    app = AllowedHosts(app, hosts=edge.hosts)
    app = SecurityHeaders(app, https_only=edge.https_only, connect_to=edge.connect_to)
    # uvicorn writes the same interface in types of its own.
    return cast("ASGIApp", ProxyHeadersMiddleware(cast("ASGI3Application", app), list(edge.proxies)))


def install_security(
    app: FastAPI, edge: Edge, *, around: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> None:
    """Put the edge around all of the application, and `around` the edge what is to see every request, those
    that are refused here included; before the first request.

    Also around its last resort for errors, which a middleware of the framework's own list is inside of: a
    500 has the headers too.
    """
    build = app.build_middleware_stack

    def build_secured() -> ASGIApp:
        return around(secured(build(), edge))

    app.build_middleware_stack = build_secured  # type: ignore[method-assign]  # the framework has no other way
