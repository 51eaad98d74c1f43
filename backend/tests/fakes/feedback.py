"""What learners said about findings, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from uuid import UUID

from app.services.errors import StorageUnavailable
from app.services.finding_feedback import Verdict
from app.services.hybrid_analyzer import Disputes


@dataclass
class MemoryFeedback:
    """Implements the half of FeedbackStore that counts; set `unavailable` to have it fail."""

    disputed: Sequence[Disputes] = ()
    unavailable: bool = False

    async def give(self, user_id: UUID, finding_id: str, verdict: Verdict, comment: str | None) -> NoReturn:
        """Nobody writes here."""
        raise AssertionError(finding_id)

    async def disputes(self) -> Sequence[Disputes]:
        """Return what was set."""
        if self.unavailable:
            raise StorageUnavailable("down")
        return self.disputed


@dataclass
class SilentMeter:
    """Implements RuleMeter."""

    switched: list[tuple[str, bool]] = field(default_factory=list)

    def rule_switched(self, rule_id: str, *, off: bool) -> None:
        """Note it."""
        self.switched.append((rule_id, off))
