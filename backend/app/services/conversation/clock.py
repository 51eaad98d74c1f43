"""The exam clock: what the learner experiences as exam time.

It runs from the first line on, and stands still while the connection is lost and while recognition or
synthesis keeps the learner waiting: neither is charged to the learner.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class ExamClock:
    """Exam time in milliseconds, driven by the positions it is told.

    `anchor_ms` is the outside position up to which `elapsed_ms` has been counted.
    """

    elapsed_ms: int = 0
    anchor_ms: int = 0
    paused: bool = False
    processing: bool = False

    @property
    def running(self) -> bool:
        """Whether exam time passes."""
        return not (self.paused or self.processing)

    def read(self, now_ms: int) -> int:
        """Return the exam time at `now_ms` without advancing; a position before the anchor counts as it."""
        if not self.running:
            return self.elapsed_ms
        return self.elapsed_ms + max(0, now_ms - self.anchor_ms)

    def advance(self, now_ms: int) -> None:
        """Count the time up to `now_ms`. A clock that runs backwards is ignored."""
        self.elapsed_ms = self.read(now_ms)
        self.anchor_ms = max(self.anchor_ms, now_ms)

    def outside(self, elapsed_ms: int) -> int | None:
        """Return the position at which the clock will read `elapsed_ms`, or None while it stands still."""
        if not self.running:
            return None
        return self.anchor_ms + max(0, elapsed_ms - self.elapsed_ms)

    def rebase(self, now_ms: int) -> None:
        """Go on from `now_ms` on another outside clock; what lies between is not exam time."""
        self.anchor_ms = now_ms
