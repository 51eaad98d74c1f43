"""Answers that are too short, said before or learnt by heart are named, with their places."""

from dataclasses import replace

import pytest

from app.services.analysis_coordinator.flags import Flag, find_flags
from app.services.analysis_coordinator.material import LearnerTurn
from app.services.speech import SpokenTurn, Utterance
from tests.fakes.spoken import answers

OWN = (
    "I live with my parents near the old bazaar and we have a small garden",
    "My sister teaches maths at a school which is ten minutes from our house",
    "On Sundays we drive to the mountains because my father loves fishing there",
    "I started to cook last winter and now my soup is better than hers",
    "Trains are cheaper here but the bus stops right outside our door",
)
LEARNT = "reading books broadens our horizons and makes every person more educated and open minded"


def flags(*texts: str, part: int = 1) -> dict[str, Flag]:
    return {flag.kind: flag for flag in find_flags(answers([(part, text) for text in texts]))}


def card(text: str) -> LearnerTurn:
    return replace(answers([(2, text)])[0], kind="card")


def test_own_words_are_not_flagged() -> None:
    assert flags(*OWN) == {}
    assert flags() == {}
    assert flags("", "yes") == {}


def test_a_passage_said_twice() -> None:
    found = flags(f"Well {LEARNT}", OWN[0], f"As I said {LEARNT} so I like it", OWN[1])
    assert list(found) == ["repeated_passage"]
    flag = found["repeated_passage"]
    assert flag.evidence[0].quote == LEARNT
    assert [e.turn_id for e in flag.evidence] == ["turn-0", "turn-2"]
    assert f"the same {len(LEARNT.split())} words in 2 places" in flag.text
    assert flag.evidence[0].start_ms is not None


def test_words_of_the_question_are_no_passage() -> None:
    question = f"Do you agree that {LEARNT}?"
    turns = [replace(t, question=question) for t in answers([(3, f"yes {LEARNT}"), (3, f"so {LEARNT}")])]
    assert find_flags(turns) == ()


def test_set_phrases() -> None:
    found = flags(
        "That's a very interesting question. It is a well known fact that sport helps",
        "As far as I am concerned every coin has two sides",
    )
    assert list(found) == ["set_phrases"]
    assert found["set_phrases"].text.startswith("4 phrases")
    assert flags("As far as I am concerned it rains", *OWN) == {}


def test_a_phrase_leant_on() -> None:
    found = flags(*(f"{text} and things like that you see" for text in OWN))
    assert list(found) == ["repeated_phrase"]
    assert "5 times" in found["repeated_phrase"].text
    assert flags(*(f"I think that {text}" for text in OWN)) == {}


def test_short_answers() -> None:
    found = flags("Yes", "In Samarkand", "I like it", OWN[0])
    assert list(found) == ["short_answers"]
    assert "3 of your 4 answers" in found["short_answers"].text
    assert flags("Yes", "No", "Maybe") == {}


def test_a_short_talk() -> None:
    [flag] = find_flags([card(OWN[0])])
    assert flag.kind == "short_talk"
    assert find_flags([card(" (20) ".join(OWN))]) == ()
    assert find_flags([card(OWN[0])], clock="short") == ()


@pytest.mark.parametrize("text", ["", "!!! ...", "👍 " * 50, "да " * 4 + "нет", "a" * 100_000])
def test_odd_text_is_read_without_times(text: str) -> None:
    turn = LearnerTurn("t", 0, 1, None, "", SpokenTurn(0, 0, (Utterance(0, text, 0, 0),)))
    assert find_flags([turn]) == ()


def test_flags_are_said_in_both_languages() -> None:
    found = flags("Yes", "No", "I do", "Maybe", f"{LEARNT}", f"again {LEARNT}")
    for flag in found.values():
        assert "{" not in flag.text + flag.text_uz
        assert flag.text != flag.text_uz
