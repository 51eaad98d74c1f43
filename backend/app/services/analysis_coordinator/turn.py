"""One answer as analysed; stored with its turn, read again by the deep analysis."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any, Self

import msgspec

from app.services.hybrid_analyzer import LanguageAnalysis
from app.services.pronunciation_engine import Delivery
from app.services.pronunciation_engine.learned import SpeechResult

TURN_VERSION = "turn-5"


class OtherVersion(ValueError):
    """A stored analysis was made by another version, or is damaged: analyse the turn again."""


@dataclass(frozen=True, slots=True)
class TurnAnalysis:
    """Language and delivery of one answer. `rated` answers count towards the bands.

    `pronunciation` is there once the answer has been listened to, which takes longer than all the rest.
    """

    turn_id: str
    index: int
    part: int
    rated: bool
    language: LanguageAnalysis
    delivery: Delivery
    pronunciation: SpeechResult | None = None
    version: str = TURN_VERSION

    def without(self, rule_ids: Set[str]) -> Self:
        """Return the analysis without what these rules said."""
        return replace(self, language=self.language.without(rule_ids))

    def to_json(self) -> dict[str, Any]:
        """Return the analysis as plain JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` made. Raises OtherVersion for anything else."""
        try:
            analysis = msgspec.convert(data, cls)
        except msgspec.ValidationError as failure:
            raise OtherVersion(f"not a turn analysis: {failure}") from failure
        if analysis.version != TURN_VERSION:
            raise OtherVersion(f"made by {analysis.version}, this is {TURN_VERSION}")
        return analysis
