"""Logging: one structured line an event, readable on a terminal, JSON everywhere else.

A line carries what is bound in its context: `request_id`, `session_id`, `job_id`, and `user`, a keyed hash of
the user's id, which itself is never logged. What tells who somebody is (addresses, numbers of phones, cards
and papers), and what opens doors, is masked; other ids stay, and so do the lines of a stack trace, which
never shows values.
"""

import hashlib
import hmac
import logging
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from app.exception_text import exception_text
from app.services.pii import redacted, without_credentials

USER_ID = "user_id"
"""Bind this, or give it with a line: the line says `user` instead."""
HASH_CHARS = 16

_PLAIN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z_./{}]{1,80}|[A-Z]{1,8}")
"""An id, a name in code, a route, a method: single words in which nothing is to be masked."""
_REPORTED = frozenset({"error", "critical"})
_REPORTERS = ("sentry_sdk", "opentelemetry", "urllib3")
_OURS = frozenset({"level", "request_id", "timestamp", "trace_id", "user"})
"""Fields that hold nothing but what this program makes or has checked."""


Report = Callable[[BaseException, Mapping[str, Any]], None]
"""Takes an exception that was logged as an error, and the line that tells of it."""


def configure_logging(
    level: str, *, json_lines: bool, hash_key: str = "", report: Report | None = None
) -> None:
    """Send structlog and the standard library's logging to standard error in one format.

    `level` is a standard level name. `json_lines` is for log collectors; a terminal gets colourless text.
    `hash_key` makes the hashes of users: whoever has it can tell whether a line is about a user they know.
    `report` hears of every exception that is logged as an error.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _user_hashed(hash_key),
        _exception_told(report),
        _masked,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("uvicorn.access", "taskiq"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for away in ("opentelemetry", "urllib3"):  # a collector that is away would be told of again and again
        logging.getLogger(away).setLevel(logging.ERROR)


def user_hash(user_id: object, key: str) -> str:
    """Return what stands for a user in logs and error reports, the same wherever the key is the same."""
    digest = hmac.new(key.encode(), str(user_id).encode(), hashlib.sha256)
    return digest.hexdigest()[:HASH_CHARS]


def _user_hashed(key: str) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    def hashed(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Put the hash of a user in the place of the id."""
        if (user_id := event.pop(USER_ID, None)) is not None:
            event["user"] = user_hash(user_id, key)
        return event

    return hashed


def _exception_told(report: Report | None) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    def told(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Put words in the place of an exception, before any renderer looks into its frames."""
        given = event.pop("exc_info", None)
        error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
        if isinstance(error, BaseException):
            if report is not None and event.get("level") in _REPORTED and not _is_about_reporting(event):
                report(error, event)
            event["exception"] = exception_text(error)
        return event

    return told


def _is_about_reporting(event: EventDict) -> bool:
    """Whether a line says that reports or spans cannot be sent: reporting that would go in a circle."""
    record = event.get("_record")
    return isinstance(record, logging.LogRecord) and record.name.startswith(_REPORTERS)


def _masked(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask the texts of a log line, however deep they lie."""
    for name, value in event.items():
        if name not in _OURS and name != "_record":
            event[name] = _harmless(value)
    return event


def _harmless(value: Any) -> Any:
    match value:
        case str():
            return value if _PLAIN.fullmatch(value) else redacted(without_credentials(value))
        case list() | tuple():
            return [_harmless(item) for item in value]
        case dict():
            return {key: _harmless(item) for key, item in value.items()}
        case None | bool() | int() | float():
            return value
        case _:
            return redacted(without_credentials(str(value)))
