"""What a learner is told about one answer in practice, the moment it is over. No bands."""

from dataclasses import dataclass
from typing import Any

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.measures import measure
from app.services.analysis_coordinator.ranking import most_useful
from app.services.analysis_coordinator.summary import delivery_figures
from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.hybrid_analyzer import BetterVersion, Finding, better_version

MAX_FINDINGS = 3
_FOUND = (
    "These are the things to change first. There may be other mistakes that we did not hear.",
    "Avvalo mana shularni tuzating. Biz sezmagan boshqa xatolar ham bo‘lishi mumkin.",
)
_NOTHING_FOUND = (
    "We found no mistake for certain. That does not mean that there was none.",
    "Aniq xato topmadik. Bu xato yo‘q degani emas.",
)


@dataclass(frozen=True, slots=True)
class TurnFeedback:
    """What an answer was like: its figures, the findings that matter most, and a better version of it.

    `better` is None where nothing would change. `note` says what the findings are worth, in both languages.
    """

    measures: dict[str, Any]
    findings: tuple[Finding, ...]
    better: BetterVersion | None
    note: str
    note_uz: str


def turn_feedback(turn: LearnerTurn, analysis: TurnAnalysis) -> TurnFeedback:
    """Return the feedback on one answer; pure and immediate. Rates are None below twenty words."""
    language = analysis.language
    measures = measure([analysis])
    findings = most_useful(language.findings, MAX_FINDINGS)
    note, note_uz = _FOUND if findings else _NOTHING_FOUND
    return TurnFeedback(
        measures={
            **delivery_figures(measures),
            "filled_pauses": measures.language.filled_pauses,
            "lexical_fillers": measures.language.lexical_fillers,
            "repeats": measures.language.repeats,
            "repairs": measures.language.repairs,
        },
        findings=tuple(findings),
        better=better_version(turn.speech.text, language.findings, language.disfluencies),
        note=note,
        note_uz=note_uz,
    )
