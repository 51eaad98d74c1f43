"""How much of the service one learner may use; asked when an exam begins, never of one that is under way."""

from dataclasses import dataclass

DAY_HOURS = 24
"""A day of the quota is the time just past, so that it does not depend on a time zone that may be changed."""


class QuotaReached(Exception):
    """The learner has had as much as they may for now; nothing was begun."""


class TooManyExams(QuotaReached):
    """As many exams of the learner are under way as may be."""

    def __init__(self, at_most: int) -> None:
        super().__init__(f"{at_most} exams under way")
        self.at_most = at_most


class DailyMinutesUsed(QuotaReached):
    """The learner has sent as many minutes of sound in 24 hours as may be."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"{minutes} minutes in {DAY_HOURS} hours")
        self.minutes = minutes


@dataclass(frozen=True, slots=True)
class ExamQuota:
    """Exams and practices at once, and minutes of sound in 24 hours; 0 is any number."""

    exams: int = 0
    daily_minutes: int = 0

    @property
    def is_bounded(self) -> bool:
        """Whether anything has to be counted."""
        return bool(self.exams or self.daily_minutes)

    def check(self, *, under_way: int, sent_ms: int) -> None:
        """Let another exam begin beside those `under_way`. Raises TooManyExams and DailyMinutesUsed."""
        if self.exams and under_way >= self.exams:
            raise TooManyExams(self.exams)
        if self.daily_minutes and sent_ms >= self.daily_minutes * 60_000:
            raise DailyMinutesUsed(self.daily_minutes)
