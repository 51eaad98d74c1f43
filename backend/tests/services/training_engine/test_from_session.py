"""Mistakes, sounds and advice of a session become material for cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.hybrid_analyzer import Finding
from app.services.pronunciation_engine import SoundExample, SoundPattern
from app.services.training_engine import Said, weaknesses_of
from app.services.training_engine.from_session import MAX_SENTENCE_WORDS, sentence_around

SESSION = "5f3c7c3e-7f2e-4b5a-9c39-0d3b1a4f8f10"


def finding(text: str, quote: str, correction: str, *, rule_id: str = "AGR-HE-SHE-IT") -> Finding:
    start = text.index(quote)
    return Finding(
        id=f"f_{rule_id}_{start}",
        rule_id=rule_id,
        category="R:VERB:SVA",
        criterion="grammatical_range_accuracy",
        severity="medium",
        confidence=0.9,
        source="rule",
        turn_id="t1",
        char_start=start,
        char_end=start + len(quote),
        start_ms=None,
        end_ms=None,
        quote=quote,
        correction=correction,
        explanation="-s after he, she, it",
    )


def test_one_weakness_a_rule_with_the_learners_own_sentences() -> None:
    text = "I have a brother. He work in a bank. My sister is older. She study at university."
    found = weaknesses_of(
        SESSION,
        answers=[Said("t1", text)],
        findings=[finding(text, "work", "works"), finding(text, "study", "studies")],
    )
    (weakness,) = found
    assert (weakness.target, weakness.kind, weakness.count) == ("AGR-HE-SHE-IT", "rule", 2)
    assert [(e.said, e.better) for e in weakness.material.examples] == [
        ("He work in a bank.", "He works in a bank."),
        ("She study at university.", "She studies at university."),
    ]


def test_other_mistakes_of_the_sentence_are_corrected_too() -> None:
    text = "He work in big bank."
    (agreement, article) = weaknesses_of(
        SESSION,
        answers=[Said("t1", text)],
        findings=[
            finding(text, "work", "works"),
            finding(text, "big bank", "a big bank", rule_id="DET-DESCRIBED"),
        ],
    )
    assert agreement.material.examples[0].better == "He works in a big bank."
    assert article.material.examples[0].better == "He works in a big bank."


def test_findings_of_answers_that_are_not_there_are_left_out() -> None:
    assert weaknesses_of(SESSION, answers=[], findings=[finding("He work.", "work", "works")]) == ()


def test_sounds_and_advice_become_cards_once_each() -> None:
    pattern = SoundPattern(
        rule_id="UZ-P01",
        name="w said as v",
        count=4,
        opportunities=6,
        possible=True,
        functional_load="medium",
        explanation="-",
        explanation_uz="-",
        minimal_pairs=(("west", "vest"),),
        drill_hint="round your lips",
        drill_hint_uz="-",
        examples=(SoundExample("West,", "w", "v", 0, 300), SoundExample("west", "w", "v", 900, 1_200)),
    )
    found = weaknesses_of(
        SESSION,
        answers=[],
        findings=[],
        patterns=[pattern],
        advice=["longer_answers", "linking", "exact_words", "correct:AGR-HE-SHE-IT"],
        long_turn=True,
    )
    assert [w.target for w in found] == ["UZ-P01", "skill:expand", "skill:paraphrase", "skill:long_turn"]
    assert [e.better for e in found[0].material.examples] == ["west"]
    assert found[0].material.pairs == (("west", "vest"),)


@given(
    words=st.lists(st.sampled_from(["go", "I", "because", "end.", "what?"]), min_size=1, max_size=60),
    at=st.data(),
)
def test_the_sentence_holds_the_mistake_and_stays_short(words: list[str], at: st.DataObject) -> None:
    text = " ".join(words)
    index = at.draw(st.integers(0, len(words) - 1))
    start = len(" ".join(words[:index])) + (index > 0)
    end = start + len(words[index])
    first, last = sentence_around(text, start, end)
    assert first <= start
    assert end <= last
    assert len(text[first:last].split()) <= MAX_SENTENCE_WORDS
    assert text[first:last] == text[first:last].strip()


@pytest.mark.parametrize("place", [(0, 0), (3, 3)])
def test_an_empty_stretch_has_a_sentence_around_it(place: tuple[int, int]) -> None:
    assert sentence_around("I go home.", *place) == (0, 10)
