"""`python -m app.modes.prepare` only makes the environment: for an image, built once and started often."""

import sys

from app.modes.environment import Environment
from app.modes.errors import CannotStart
from app.modes.launch import FOLDER, RUNTIME_LOCK, prepare, say


def main() -> int:
    """Install the runtime's packages into .venv; return the exit status."""
    try:
        prepare(Environment(FOLDER, (RUNTIME_LOCK,)))
    except CannotStart as reason:
        say(str(reason))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
