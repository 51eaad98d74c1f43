"""Whether rules that the learner trains held in this exam, whose topics were chosen with them in mind."""

from collections.abc import Sequence
from typing import Any, Literal

from app.services.analysis_coordinator.evidence import Analysed
from app.services.conversation import Focus
from app.services.training_engine.structures import SHOWN_BY

MIN_USES = 3
"""Fewer right uses than this prove nothing."""

Verdict = Literal["held", "came_back", "too_few_uses", "not_heard"]
"""`too_few_uses`: none was wrong, but hardly any was needed. `not_heard`: none was wrong, and right ones
cannot be counted."""


def trained_rules(focus: Sequence[Focus], answers: Sequence[Analysed]) -> list[dict[str, Any]]:
    """Return for each rule how often its structure was used and how often rightly, and what follows.

    Uses are None where the analyzer cannot count right ones.
    """
    return [_standing(one, answers) for one in focus]


def _standing(one: Focus, answers: Sequence[Analysed]) -> dict[str, Any]:
    wrong = sum(f.rule_id == one.rule_id for _, a in answers for f in a.language.findings)
    kinds = SHOWN_BY.get(one.structure)
    if kinds is None:
        uses = None
    else:
        shown = sum(mention.kind in kinds for _, a in answers for mention in a.language.structures)
        uses = max(shown, wrong)
    return {
        "rule_id": one.rule_id,
        "structure": one.structure,
        "required": uses,
        "correct": None if uses is None else uses - wrong,
        "wrong": wrong,
        "verdict": _verdict(wrong, uses),
    }


def _verdict(wrong: int, uses: int | None) -> Verdict:
    if wrong:
        return "came_back"
    if uses is None:
        return "not_heard"
    return "held" if uses >= MIN_USES else "too_few_uses"
