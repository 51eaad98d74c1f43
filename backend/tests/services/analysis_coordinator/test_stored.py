from dataclasses import asdict
from uuid import uuid4

import msgspec
import pytest

from app.services.analysis_coordinator import TurnAnalyzer, learner_turns, stored_analyses
from app.services.session_store import TurnRecord
from tests.fakes.spoken import answers


def examiner(index: int, text: str, *, kind: str = "question", question_id: str | None = None) -> TurnRecord:
    return TurnRecord(uuid4(), index, "examiner", 1, text, 0, 0, kind=kind, question_id=question_id)


def answer(index: int, text: str, *, question_id: str | None = None, **more: object) -> TurnRecord:
    return TurnRecord(uuid4(), index, "learner", 1, text, 100, 900, question_id=question_id, **more)  # type: ignore[arg-type]


def test_answers_find_their_questions() -> None:
    records = [
        examiner(0, "What is your name?", kind="greeting"),
        answer(1, "Aziz", kind="greeting"),
        examiner(2, "Where do you live?", question_id="home-1"),
        examiner(3, "Right.", kind="acknowledgement"),
        answer(4, "In Samarkand", question_id="home-1"),
        answer(5, "It is big"),
    ]
    turns = learner_turns(records[::-1])
    assert [(t.question, t.rated) for t in turns] == [
        ("What is your name?", False),
        ("Where do you live?", True),
        ("Where do you live?", True),
    ]
    assert [t.turn_id for t in turns] == [str(r.id) for r in records if r.speaker == "learner"]


def test_words_and_spans_come_back() -> None:
    (turn,) = answers([(1, "I live (0.5) in Samarkand")])
    record = answer(
        1,
        turn.speech.text,
        words=[asdict(w) for w in turn.speech.words],
        spans=[asdict(s) for s in turn.speech.spans],
    )
    (read,) = learner_turns([record])
    assert read.speech.words == turn.speech.words
    assert read.speech.spans == turn.speech.spans
    assert read.speech.text == turn.speech.text


def test_damaged_words_are_named() -> None:
    with pytest.raises(msgspec.ValidationError):
        learner_turns([answer(1, "hello", words=[{"text": 5}])])


def test_only_analyses_of_this_version_are_taken(analyzer: TurnAnalyzer) -> None:
    (turn,) = answers([(1, "I live in Samarkand")])
    analysis = analyzer.analyze(turn, b"")
    good = answer(1, "I live in Samarkand", analysis=analysis.to_json())
    old = answer(2, "x", analysis={**analysis.to_json(), "version": "turn-0"})
    assert stored_analyses([good, old, answer(3, "y"), examiner(0, "Where?")]) == {str(good.id): analysis}
