"""What was understood of an answer, as events and as a turn of the stored dialogue. Pure."""

from dataclasses import asdict

from app.api.websocket.answer import Answer
from app.api.websocket.protocol import SttFinal, SttPartial, WordTiming
from app.services.analysis_coordinator import LearnerTurn
from app.services.session_store import TurnRecord
from app.services.speech import Partial, SpokenTurn, Utterance

GREETING = "greeting"
"""Kind of the questions that belong to no part: names and the identity check, which are not rated."""


def kind_of(answer: Answer) -> str:
    """Return the kind of the turn: that of its question in the script."""
    return GREETING if answer.listen.part is None else answer.question.kind


def utterance_id(answer: Answer, index: int) -> str:
    """Return the name of an answer's utterance on the wire."""
    return f"{answer.id.hex[:12]}-{index}"


def partial_event(answer: Answer, text: Partial) -> SttPartial:
    """Return a provisional transcript as sent."""
    return SttPartial(
        turn_id=str(answer.id),
        utterance_id=utterance_id(answer, text.utterance_index),
        revision=text.revision,
        text=text.text,
        start_ms=text.start_ms,
        end_ms=text.end_ms,
    )


def final_event(answer: Answer, utterance: Utterance) -> SttFinal:
    """Return an utterance's final transcript as sent."""
    words = [WordTiming(w.text, w.start_ms, w.end_ms, round(w.probability, 3)) for w in utterance.words]
    mean = sum(w.probability for w in utterance.words) / len(words) if words else None
    return SttFinal(
        turn_id=str(answer.id),
        utterance_id=utterance_id(answer, utterance.index),
        text=utterance.text,
        start_ms=utterance.start_ms,
        end_ms=utterance.end_ms,
        words=words,
        confidence=None if mean is None else round(mean, 3),
    )


def learner_turn(answer: Answer, index: int, spoken: SpokenTurn) -> LearnerTurn:
    """Return the answer as it is analysed."""
    return LearnerTurn(
        turn_id=str(answer.id),
        index=index,
        part=answer.listen.part or 1,
        question_id=answer.listen.question_id,
        question=answer.question.text,
        speech=spoken,
        kind=kind_of(answer),
    )


def turn_record(answer: Answer, index: int, spoken: SpokenTurn) -> TurnRecord:
    """Return the answer as a turn of the dialogue, as far as it has come."""
    return TurnRecord(
        id=answer.id,
        index=index,
        speaker="learner",
        part=answer.listen.part,
        text=spoken.text,
        start_ms=spoken.start_ms,
        end_ms=spoken.end_ms,
        kind=kind_of(answer),
        question_id=answer.listen.question_id,
        words=[asdict(word) for word in spoken.words],
        spans=[asdict(span) for span in spoken.spans],
        untranscribed=answer.failed,
    )
