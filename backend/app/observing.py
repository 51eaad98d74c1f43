"""What a process starts with, so that others can see what it does: its log, error reports, traces."""

from app.config import Settings
from app.log import configure_logging
from app.modes.errors import CannotStart


def observe(settings: Settings) -> None:
    """Set up what `settings` ask for; once, before anything is logged. Raises CannotStart."""
    try:
        key = settings.log_key()
    except OSError as failure:
        raise CannotStart(f"Set LOG_HASH_KEY, or let DATA_DIR be written: {failure.strerror}.") from failure
    configure_logging(settings.log_level, json_lines=settings.environment == "prod", hash_key=key)
