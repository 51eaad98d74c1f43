"""From turns as stored to answers as analysed."""

from collections.abc import Sequence

import msgspec

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.turn import OtherVersion, TurnAnalysis
from app.services.session_store import TurnRecord
from app.services.speech import SpeechSpan, SpokenTurn, Utterance, Word

_ASKING = frozenset({"greeting", "question", "card", "prompt", "rephrase"})


def learner_turns(records: Sequence[TurnRecord]) -> tuple[LearnerTurn, ...]:
    """Return the learner's answers in order, each with the question it answers.

    That is the examiner's last line with the same question id before it, or else the last line that asked
    anything. Raises msgspec.ValidationError when stored words or spans are damaged.
    """
    answers: list[LearnerTurn] = []
    asked: dict[str | None, str] = {}
    for record in sorted(records, key=lambda r: r.index):
        if record.speaker == "examiner":
            if record.kind in _ASKING:
                asked[record.question_id] = asked[None] = record.text
            continue
        answers.append(
            LearnerTurn(
                turn_id=str(record.id),
                index=record.index,
                part=record.part or 1,
                question_id=record.question_id,
                question=asked.get(record.question_id, asked.get(None, "")),
                speech=_speech(record),
                kind=record.kind or "question",
            )
        )
    return tuple(answers)


def stored_analyses(records: Sequence[TurnRecord]) -> dict[str, TurnAnalysis]:
    """Return what was computed during the talk, by turn id; what another version made is left out."""
    found: dict[str, TurnAnalysis] = {}
    for record in records:
        if record.speaker != "learner" or record.analysis is None:
            continue
        try:
            found[str(record.id)] = TurnAnalysis.from_json(record.analysis)
        except OtherVersion:
            continue
    return found


def _speech(record: TurnRecord) -> SpokenTurn:
    words = msgspec.convert(record.words, tuple[Word, ...])
    spans = msgspec.convert(record.spans, tuple[SpeechSpan, ...])
    utterances = (Utterance(0, record.text, record.start_ms, record.end_ms, words),) if record.text else ()
    return SpokenTurn(record.start_ms, record.end_ms, utterances, spans)
