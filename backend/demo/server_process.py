"""What runs in the demo's server process: a development server that ends when its parent does."""

import sys
from collections.abc import Sequence

from app.modes.launch import main as launch
from app.modes.parent import end_with_parent


def main(argv: Sequence[str]) -> int:
    """Serve as `run.py --mode dev` with `argv`, until told to stop or until standard input ends."""
    end_with_parent()
    return launch(["--mode", "dev", *argv])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
