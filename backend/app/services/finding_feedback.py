"""What learners say about findings, as stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from app.services.hybrid_analyzer import Disputes

Verdict = Literal["wrong", "right"]
"""`wrong` disputes a finding; `right` agrees with it, and takes an earlier dispute back."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One learner's word on one finding, with the rule and the versions that made it."""

    finding_id: str
    session_id: UUID
    rule_id: str
    rule_version: int
    method_version: str | None
    verdict: Verdict
    comment: str | None
    created_at: datetime
    updated_at: datetime


class FeedbackStore(Protocol):
    """Feedback, given by learners and counted for the rules."""

    async def give(
        self, user_id: UUID, finding_id: str, verdict: Verdict, comment: str | None
    ) -> tuple[Feedback, bool] | None:
        """Store what the learner says about a finding of their own, in place of what they said before.

        Return it and whether it is the first; None when the learner has no such finding. Repeating it changes
        nothing. Raises StorageUnavailable.
        """
        ...

    async def disputes(self) -> Sequence[Disputes]:
        """Return how many learners dispute each version of a rule that anybody disputes.

        Raises StorageUnavailable.
        """
        ...
