"""What a process starts with, so that others can see what it does: its log, error reports, traces."""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.config import VERSION, Settings
from app.log import configure_logging
from app.modes.errors import CannotStart
from app.services import tracing

if TYPE_CHECKING:
    from app.middleware.monitoring.error_reports import ErrorReports
    from app.middleware.monitoring.tracing import OtlpRecorder

FLUSH_S = 1.0
"""How long the end of a process waits for reports and spans that are not sent yet."""


def observe(settings: Settings) -> Callable[[], None]:
    """Set up what `settings` ask for; once, before anything is logged. Raises CannotStart.

    Call what it returns when the process has done its work: it sends what waits, for FLUSH_S at most each.
    """
    try:
        key = settings.log_key()
    except OSError as failure:
        raise CannotStart(f"Set LOG_HASH_KEY, or let DATA_DIR be written: {failure.strerror}.") from failure
    reports = _error_reports(settings)
    recorder = _recorder(settings)
    configure_logging(
        settings.log_level,
        json_lines=settings.environment == "prod",
        hash_key=key,
        report=reports,
    )
    tracing.record_with(recorder)

    def flush() -> None:
        for sink in (reports, recorder):
            if sink is not None:
                sink.flush(FLUSH_S)

    return flush


def _recorder(settings: Settings) -> "OtlpRecorder | None":
    if not settings.otel_exporter_otlp_endpoint:
        return None
    # A quarter of a second and 15 MB that only those pay who use it.
    otlp = importlib.import_module("app.middleware.monitoring.tracing")
    recorder: OtlpRecorder = otlp.OtlpRecorder(
        settings.otel_exporter_otlp_endpoint, environment=settings.environment, version=VERSION
    )
    return recorder


def _error_reports(settings: Settings) -> "ErrorReports | None":
    if not settings.sentry_dsn:
        return None
    sentry = importlib.import_module("app.middleware.monitoring.error_reports")
    try:
        reports: ErrorReports = sentry.ErrorReports(
            settings.sentry_dsn, environment=settings.environment, release=f"speakmate@{VERSION}"
        )
    except ValueError:
        raise CannotStart("SENTRY_DSN is not the address of a Sentry project.") from None
    return reports
