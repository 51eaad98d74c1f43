"""What a session asks: planned when it is created, and read again when it begins."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from app.services.conversation import (
    Exam,
    ExamPlan,
    ExamTiming,
    Focus,
    Mode,
    bundled_bank,
    plan_exam,
    plan_practice,
)
from app.services.conversation.practice_plan import Part
from app.services.session_store import SessionMode, SessionRecord


def plan_session(
    mode: SessionMode,
    earlier: Sequence[Mapping[str, Any]],
    *,
    part: Part | None = None,
    topic: str | None = None,
    focus: Sequence[Focus] = (),
) -> dict[str, Any]:
    """Plan a session with a fresh seed from items the learner has not met lately. Raises TopicUnknown."""
    seen = {item for plan in earlier for item in ExamPlan.from_dict(plan).item_ids}
    bank, seed = bundled_bank(), secrets.randbits(32)
    if mode == "practice":
        return plan_practice(bank, seed, seen, part=part, topic=topic).to_dict()
    return plan_exam(bank, Mode(mode), seed, seen, focus=focus).to_dict()


def exam_of(session: SessionRecord) -> Exam:
    """Return the exam a session was created for."""
    return Exam(ExamPlan.from_dict(session.plan), ExamTiming.of(Mode(session.mode), session.clock))
