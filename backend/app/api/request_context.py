"""What is known of a request beside its content: its id, and the route that serves it."""

from starlette.types import Scope

HEADER = "X-Request-ID"
REQUEST_ID = "speakmate.request_id"
"""Where the id stands in the request's scope."""
PROBLEM_CODE = "problem_code"
"""Bound in the log's context by what answers with a problem document."""
NO_ROUTE = "none"
"""The route of a file, and of whatever is not there: paths come from the caller, and have no end."""


def route_of(scope: Scope) -> str:
    """Return the template of the route that served the request, once one did."""
    whole = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(whole, "path", None) or getattr(_plain(whole), "path", None) or NO_ROUTE


def _plain(whole: object) -> object:
    """Return the route of Starlette's own kind that FastAPI has wrapped, if it is one."""
    return getattr(whole, "starlette_route", None)
