"""What kind of request it is, as far as its cost goes. Pure."""

import re
from enum import StrEnum

API = "/api/"
PROBES = frozenset({"/health", "/ready", "/metrics"})
"""Asked from inside by the machinery around a process: without limit, and by whatever name for the host."""


class RouteClass(StrEnum):
    """Kinds of requests that have a limit of their own."""

    SIGN_IN = "sign_in"
    READ = "read"
    WRITE = "write"
    HEAVY = "heavy"
    CONNECT = "connect"
    PAGE = "page"


_SIGN_IN = re.compile(r"/api/v1/(dev|auth)/[^/]+")
# What reads or writes all of somebody's data, or keeps a model or the typesetter busy for long.
_HEAVY = re.compile(r"/api/v1/(analysis/sessions/[^/]+/pdf|training/(ex|im)port|users/me/export)")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def class_of(kind: str, method: str, path: str) -> RouteClass | None:
    """Return the class of a request, None where there is no limit; `kind` is http or websocket."""
    if kind == "websocket":
        return RouteClass.CONNECT
    if path in PROBES:
        return None
    if not path.startswith(API):
        return RouteClass.PAGE
    if _SIGN_IN.fullmatch(path):
        return RouteClass.SIGN_IN
    if _HEAVY.fullmatch(path):
        return RouteClass.HEAVY
    return RouteClass.READ if method in _SAFE else RouteClass.WRITE
