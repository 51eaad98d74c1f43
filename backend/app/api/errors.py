"""Errors as problem documents (RFC 9457), each with a `code` that does not change."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from app.api.auth import AuthError, KeysUnavailable, TokenMissing
from app.api.body_limit import BodyLimit
from app.api.openapi import describe_problems
from app.api.request_context import HEADER, PROBLEM_CODE, REQUEST_ID, route_of
from app.services.accounts import UnknownUser
from app.services.errors import StorageBusy, StorageUnavailable

PROBLEM_JSON = "application/problem+json"
MAX_FIELD_PROBLEMS = 20
MAX_FIELD_PROBLEM_CHARS = 200

_log = structlog.get_logger(__name__)

_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request could not be read; send JSON in UTF-8.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method; see the Allow header.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than any request here needs.",
}


class ApiError(Exception):
    """Something a caller can act on. Subclasses are named for the fact."""

    status: HTTPStatus
    code: str

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})


class SessionNotFound(ApiError):
    """The caller has no such session."""

    status = HTTPStatus.NOT_FOUND
    code = "session_not_found"

    def __init__(self) -> None:
        super().__init__("You have no session of this id.")


class AnalysisNotFound(ApiError):
    """The session has not ended, so nothing is analysed yet."""

    status = HTTPStatus.NOT_FOUND
    code = "analysis_not_found"

    def __init__(self) -> None:
        super().__init__("The session has no analysis yet; it is made when the session ends.")


class AnalysisNotReady(ApiError):
    """The session is not analysed, so there is nothing to report."""

    status = HTTPStatus.CONFLICT
    code = "analysis_not_ready"


class ReportNotFound(ApiError):
    """The session has no report that could be read."""

    status = HTTPStatus.NOT_FOUND
    code = "report_not_found"


class FindingNotFound(ApiError):
    """The caller has no such finding."""

    status = HTTPStatus.NOT_FOUND
    code = "finding_not_found"

    def __init__(self) -> None:
        super().__init__(
            "You have no finding of this id; take it from the findings of an analysis that is done."
        )


class PracticeTopicNotFound(ApiError):
    """Nothing in the question bank has the topic, or not in the part that was asked for."""

    status = HTTPStatus.NOT_FOUND
    code = "topic_not_found"

    def __init__(self) -> None:
        super().__init__("There are no questions on this topic; see GET /api/v1/topics.")


class RecordingNotFound(ApiError):
    """Nothing was recorded in the session, or not in the stretch asked for."""

    status = HTTPStatus.NOT_FOUND
    code = "recording_not_found"


class RangeNotSatisfiable(ApiError):
    """The Range header asks for bytes that are not there."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    code = "range_not_satisfiable"


class BodyTooDeep(HTTPException):
    """The JSON of the body is nested deeper than any request here needs.

    An HTTPException, for FastAPI makes every other error of reading a body one without a reason.
    """

    def __init__(self, at_most: int) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, f"JSON may be nested {at_most} levels deep at most.")


class BadCursor(ApiError):
    """The cursor did not come from a page of this list."""

    status = HTTPStatus.BAD_REQUEST
    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__("The cursor is not one of ours; begin again without it.")


class FieldProblem(BaseModel):
    """What is wrong with one value of the request."""

    location: str = Field(description="Where it stands: the part of the request, then the path in it.")
    message: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(default="about:blank", description="Always about:blank; `code` tells problems apart.")
    title: str = Field(description="The status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    code: str = Field(description="What happened; stable.", examples=["session_not_found"])
    detail: str = Field(description="What happened and what to do, for people.")
    errors: list[FieldProblem] | None = Field(default=None, description="The values that were refused.")
    reference: str | None = Field(default=None, description="Name this when you report an unexpected error.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a route that may answer with these statuses."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install_errors(app: FastAPI) -> None:
    """Make every error of the application a problem document, and bound the bodies it reads."""
    app.add_middleware(BodyLimit)
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(AuthError, _auth_error)
    app.add_exception_handler(UnknownUser, _unknown_user)
    app.add_exception_handler(StorageUnavailable, _storage)
    app.add_exception_handler(KeysUnavailable, _keys)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(BodyTooDeep, _too_deep)
    app.add_exception_handler(Exception, _unexpected)
    describe_problems(app, Problem, documented)


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldProblem] = (),
    reference: str | None = None,
) -> JSONResponse:
    """Return a problem document as an answer, for whoever answers before a route does."""
    structlog.contextvars.bind_contextvars(**{PROBLEM_CODE: code})
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        errors=list(errors) or None,
        reference=reference,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=int(status),
        headers=dict(headers or {}),
        media_type=PROBLEM_JSON,
    )


async def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return problem_response(error.status, error.code, error.detail, headers=error.headers)


async def _auth_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AuthError)
    # RFC 6750, 3.1: a request without credentials is told the scheme only.
    challenge = "Bearer" if isinstance(error, TokenMissing) else 'Bearer error="invalid_token"'
    return problem_response(
        HTTPStatus.UNAUTHORIZED, error.code, str(error), headers={"WWW-Authenticate": challenge}
    )


async def _unknown_user(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(
        HTTPStatus.UNAUTHORIZED,
        "user_unknown",
        "The account of this token does not exist any more; sign in again.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


async def _storage(_request: Request, error: Exception) -> JSONResponse:
    code = "storage_busy" if isinstance(error, StorageBusy) else "storage_unavailable"
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        code,
        f"{error} Try again in a moment.",
        headers={"Retry-After": "1"},
    )


async def _keys(_request: Request, error: Exception) -> JSONResponse:
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "auth_unavailable",
        f"{error} Try again in a moment.",
        headers={"Retry-After": "2"},
    )


async def _validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem_response(HTTPStatus.BAD_REQUEST, "body_not_json", "The body is not JSON.")
    # The refused values themselves are left out: they may be private, huge, or not even text.
    problems = [
        FieldProblem(location=_printable(".".join(map(str, item["loc"]))), message=_printable(item["msg"]))
        for item in found[:MAX_FIELD_PROBLEMS]
    ]
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "request_invalid",
        "Some values of the request are not acceptable; see `errors`.",
        errors=problems,
    )


def _printable(text: str) -> str:
    """Names of fields come from the caller: bound them, and leave out what UTF-8 cannot say."""
    return text[:MAX_FIELD_PROBLEM_CHARS].encode("utf-8", "replace").decode()


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, status.name.lower())
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request))
    return problem_response(status, code, _DETAILS.get(status, status.description), headers=headers)


def _methods_at(request: Request) -> list[str]:
    """Return the methods that the address takes; the router itself names those of one of its routes."""
    routes: Sequence[BaseRoute] = request.app.routes
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _too_deep(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BodyTooDeep)
    return problem_response(error.status_code, "body_too_deep", error.detail)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    reference = request.scope.get(REQUEST_ID) or str(uuid4())
    _log.error(
        "api.unexpected_error",
        method=request.method,
        route=route_of(request.scope),
        exc_info=error,
    )
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on our side; it has been noted.",
        reference=reference,
        headers={HEADER: reference},
    )
