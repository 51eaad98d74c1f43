"""Logging: one structured line an event, readable on a terminal, JSON everywhere else.

What tells who somebody is (addresses, numbers of phones, cards and papers) is masked in what is logged; ids
stay, and so do the lines of a stack trace.
"""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from app.services.pii import redacted

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def configure_logging(level: str, *, json_lines: bool) -> None:
    """Send structlog and the standard library's logging to standard error in one format.

    `level` is a standard level name. `json_lines` is for log collectors; a terminal gets colourless text.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _masked,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(
            colors=False,
            exception_formatter=structlog.dev.plain_traceback,  # the other one prints local variables
        )
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


def _masked(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask the texts of a log line."""
    for name, value in event.items():
        if isinstance(value, str) and not _ID.fullmatch(value):
            event[name] = redacted(value)
    return event
