"""A synthetic learner's analysed test, as a report is made from it."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid5

from app.services.analysis_coordinator import DeepAnalysis, SecondOpinion, SessionMaterial
from app.services.reports import ReportMaterial
from app.services.session_store import TurnRecord
from tests.fakes.learners import learner

SESSION = UUID("11111111-2222-4333-8444-555555555555")
HELD_AT = datetime(2026, 11, 23, 14, 5)


def reported(deep: DeepAnalysis, level: str = "medium", *, answers: int | None = None) -> ReportMaterial:
    """Return the material of a report about the first `answers` answers of a learner."""
    turns = learner(level)[:answers]
    session = SessionMaterial(
        session_id=str(SESSION), mode="quick", clock="standard", turns=turns, audio=lambda start, end: b""
    )
    result = deep.conclude(
        session, SecondOpinion(deep.analyse(session, {}, lambda percent: None)), lambda percent: None
    )
    records = [
        TurnRecord(
            uuid5(SESSION, turn.turn_id),
            turn.index,
            "learner",
            turn.part,
            turn.speech.text,
            turn.speech.start_ms,
            turn.speech.end_ms,
            words=[asdict(word) for word in turn.speech.words],
            spans=[asdict(span) for span in turn.speech.spans],
        )
        for turn in turns
    ]
    return ReportMaterial(
        session_id=str(SESSION),
        held_at=HELD_AT,
        mode="quick",
        clock="standard",
        turns=records,
        analysis=result.document(),
        findings=result.findings,
        learner="Gulnora",
    )
