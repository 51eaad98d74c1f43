"""The learner's day: a drill done after midnight still belongs to the evening."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_STARTS = time(4)
DEFAULT_ZONE = "Asia/Tashkent"


class UnknownTimeZone(ValueError):
    """No time zone has that name; use one such as Asia/Tashkent."""


@dataclass(frozen=True, slots=True)
class LearnerDay:
    """Days in a time zone, from four in the morning to four in the morning."""

    zone: ZoneInfo

    @classmethod
    def named(cls, name: str) -> "LearnerDay":
        """Return the days of the time zone `name` (IANA). Raises UnknownTimeZone."""
        try:
            return cls(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise UnknownTimeZone(
                f"There is no time zone {name!r}; use one such as {DEFAULT_ZONE}."
            ) from unknown

    @classmethod
    def or_usual(cls, name: str) -> "LearnerDay":
        """Return the days of the time zone `name`, or of DEFAULT_ZONE where there is none of that name."""
        try:
            return cls.named(name)
        except UnknownTimeZone:
            return cls.named(DEFAULT_ZONE)

    def of(self, moment: datetime) -> date:
        """Return the day that an aware moment belongs to. Raises ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone belongs to no day")
        local = moment.astimezone(self.zone)
        return local.date() if local.time() >= DAY_STARTS else local.date() - timedelta(days=1)

    def start(self, day: date) -> datetime:
        """Return the moment (UTC) at which `day` begins."""
        return datetime.combine(day, DAY_STARTS, self.zone).astimezone(UTC)
