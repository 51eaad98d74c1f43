"""What a report is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.services.analysis_store import EarlierAnalysis
from app.services.conversation.timing import ClockName
from app.services.hybrid_analyzer import Finding
from app.services.session_store import SessionMode, TurnRecord
from app.services.training_engine.plan import WeekPlan


@dataclass(frozen=True, slots=True)
class ReportMaterial:
    """A finished analysis with what was said.

    `held_at` is the learner's own local time; `uzbek` puts explanations in Uzbek beside the English ones.
    `analysis` is the result as stored (docs/analysis.md). `earlier` is newest first. `plan` is the week from
    the day on which the report was asked for, None where there is nothing to train.
    """

    session_id: str
    held_at: datetime
    mode: SessionMode
    clock: ClockName
    turns: Sequence[TurnRecord]
    analysis: Mapping[str, Any]
    findings: Sequence[Finding]
    learner: str | None = None
    uzbek: bool = False
    earlier: Sequence[EarlierAnalysis] = ()
    plan: WeekPlan | None = None
