"""The end of a process that has served."""

import os
import sys
from typing import NoReturn


def leave(status: int) -> NoReturn:
    """End the process now that everything is closed.

    Python would wait for threads that still load or compute what nobody needs any more, and take seconds to
    free the models piece by piece.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
