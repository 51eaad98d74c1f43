"""Random ids for what happens many times a second."""

import os
from uuid import UUID

BYTES = 16
AT_A_TIME = 256

_random: list[bytes] = []


def new_id() -> UUID:
    """Return an id as uuid4 does.

    uuid4 asks the system for every single one and gives up the interpreter's lock meanwhile, which on a busy
    event loop is back only a tenth of a millisecond later.
    """
    while True:
        try:
            return UUID(bytes=_random.pop(), version=4)
        except IndexError:  # another thread may take what is drawn here
            drawn = os.urandom(BYTES * AT_A_TIME)
            _random.extend(drawn[at : at + BYTES] for at in range(0, len(drawn), BYTES))


def _forget() -> None:
    """A process that was forked draws its own."""
    _random.clear()


os.register_at_fork(after_in_child=_forget)
