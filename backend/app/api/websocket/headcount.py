"""How many connections each user has to this process."""

from collections import Counter
from uuid import UUID

from app.api.websocket import admission


class Headcount:
    """Counts connections while they are open; nothing is kept of a user who has none."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()

    def enter(self, user_id: UUID, *, at_most: int) -> None:
        """Count one connection more. Raises ProtocolError `too_many_connections` (fatal); then it does not
        count."""
        if self._open[user_id] >= at_most:
            raise admission.too_many_connections(at_most)
        self._open[user_id] += 1

    def leave(self, user_id: UUID) -> None:
        """Count one connection less, which was counted before."""
        self._open[user_id] -= 1
        if not self._open[user_id]:
            del self._open[user_id]
