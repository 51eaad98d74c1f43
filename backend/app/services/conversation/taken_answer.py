"""What the exam makes of a turn that has ended."""

from app.services.conversation.exam_state import Answer, Turn
from app.services.conversation.exam_types import AnswerEnded
from app.services.conversation.replies import Reply, classify


def taken_answer(event: AnswerEnded, turn: Turn, now_ms: int) -> Answer:
    """Return the answer of `turn`, which `event` ends at the exam time `now_ms`."""
    ended_ms = now_ms if turn.stopped is None else turn.stopped_ms
    return Answer(
        text=event.text,
        words=event.words,
        reply=_reply(event),
        cut=turn.stopped == "time_up",
        spoke_until_ms=ended_ms if turn.speaking or turn.spoke_until_ms is None else turn.spoke_until_ms,
        wording=event.wording,
    )


def _reply(event: AnswerEnded) -> Reply:
    reply = classify(event.text, event.words)
    spoke_unheard = not event.recognised and event.speech_ms > 0
    return Reply.UNHEARD if reply is Reply.SILENT and spoke_unheard else reply
