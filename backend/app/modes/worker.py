"""--mode worker: the background jobs of the database in DATABASE_URL, in a process of their own."""

from collections.abc import Callable

from app.config import ConfigurationError
from app.modes.arguments import Command
from app.modes.errors import CannotStart
from app.modes.settings import load_settings
from app.observing import observe
from app.services.errors import StorageUnavailable
from app.workers.retry import retry
from app.workers.run import main
from app.workers.verify_audit import verify_audit


def run(command: Command) -> int:
    """Work until interrupted; with `--retry ID` or `--retry-parked` only queue parked jobs again,
    with `--verify-audit` only check the audit log."""
    settings = load_settings(command)
    if not settings.database_url:
        raise CannotStart("--mode worker needs DATABASE_URL; without one the server does the jobs itself.")
    flush = observe(settings)
    try:
        if command.retry is not None or command.retry_parked:
            return _at_once(lambda: retry(settings, command.retry))
        if command.verify_audit:
            return _at_once(lambda: verify_audit(settings))
        return main(settings)
    except ConfigurationError as reason:
        raise CannotStart(str(reason)) from reason
    finally:
        flush()


def _at_once(do: Callable[[], int]) -> int:
    """Do what an operator waits for, who is better served by a sentence than by a stack trace."""
    try:
        return do()
    except StorageUnavailable as away:
        raise CannotStart(f"{away} Look at DATABASE_URL, then try again.") from away
