"""Errors reported to Sentry. Import it only where SENTRY_DSN is set: it brings the SDK.

A report holds what this file lets through and nothing else: kinds of errors, where in the code, ids and a
hash. No request, no local variable, nobody's words, name, token or address; a version of the SDK that
collects more changes nothing. It is sent on a thread of its own; while Sentry is away reports are dropped.
"""

from collections.abc import Mapping
from typing import Any

from sentry_sdk import Client
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception

from app.exception_text import harmless

MAX_WAITING = 50
"""Reports that may wait to be sent; more are dropped."""

_WHOLE = frozenset({"environment", "event_id", "level", "platform", "release", "sdk", "timestamp"})
_TAGS = frozenset({"job_id", "kind", "method", "request_id", "route", "session_id", "trace_id", "user"})
_FRAME = frozenset({"context_line", "filename", "function", "in_app", "lineno", "module"})


class ErrorReports:
    """Reports what is logged as an error with its exception."""

    def __init__(self, dsn: str, *, environment: str, release: str) -> None:
        """Report to the project of `dsn`. Raises ValueError for one that is none."""
        self._client = Client(
            dsn=dsn,
            environment=environment,
            release=release,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            send_client_reports=False,
            auto_session_tracking=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            transport_queue_size=MAX_WAITING,
            before_send=_what_may_leave,
        )

    def __call__(self, error: BaseException, line: Mapping[str, Any]) -> None:
        """Report an exception with the line of the log that tells of it."""
        event, hint = event_from_exception(error, client_options=self._client.options)
        event["level"] = "error"
        event["tags"] = {name: str(line[name]) for name in _TAGS & line.keys()}
        event["tags"]["event"] = str(line.get("event", ""))
        self._client.capture_event(event, hint)

    def flush(self, within_s: float) -> None:
        """Send what waits. Blocks for `within_s` at most."""
        self._client.flush(timeout=within_s)


def _what_may_leave(event: Event, hint: Hint) -> Event | None:
    """Make the report anew from what is allowed in it."""
    given: Mapping[str, Any] = event
    report: dict[str, Any] = {name: given[name] for name in _WHOLE & given.keys()}
    tags = given.get("tags") or {}
    report["tags"] = {name: _tag(name, value) for name, value in tags.items()}
    values = (given.get("exception") or {}).get("values") or []
    report["exception"] = {"values": [_exception(value) for value in values]}
    return report  # type: ignore[return-value]  # a TypedDict that is made from parts of one


def _tag(name: str, value: str) -> str:
    return value if name in _TAGS else harmless(value)


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "value": harmless(str(value.get("value") or "")),
        "stacktrace": {"frames": [{name: frame[name] for name in _FRAME & frame.keys()} for frame in frames]},
    }
