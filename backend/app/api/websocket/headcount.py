"""How many connections each user has to this process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from app.api.websocket import admission


class Headcount:
    """Counts connections while they are open; nothing is kept of a user who has none."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()

    @contextmanager
    def entered(self, user_id: UUID, *, at_most: int) -> Iterator[None]:
        """Count one connection while the block runs. Raises ProtocolError `too_many_connections` (fatal)."""
        if self._open[user_id] >= at_most:
            raise admission.too_many_connections(at_most)
        self._open[user_id] += 1
        try:
            yield
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id]
