"""--mode worker: the background jobs of the database in DATABASE_URL, in a process of their own."""

from app.modes.arguments import Command
from app.modes.errors import CannotStart
from app.modes.settings import load_settings
from app.observing import observe
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
    if command.retry is not None or command.retry_parked:
        return retry(settings, command.retry)
    if command.verify_audit:
        return verify_audit(settings)
    try:
        return main(settings)
    finally:
        flush()
