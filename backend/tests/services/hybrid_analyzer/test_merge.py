"""Findings of one place do not contradict or repeat each other."""

from app.services.hybrid_analyzer.findings import Finding
from app.services.hybrid_analyzer.merge import merge

TEXT = "we meet at evening with friend"


def found(quote: str, correction: str, *, confidence: float = 0.9) -> Finding:
    start = TEXT.index(quote)
    return Finding(
        id=quote,
        rule_id=quote,
        category="R:PREP",
        criterion="grammatical_range_accuracy",
        severity="medium",
        confidence=confidence,
        source="rule",
        turn_id="t",
        char_start=start,
        char_end=start + len(quote),
        start_ms=None,
        end_ms=None,
        quote=quote,
        correction=correction,
        explanation="",
    )


def kept(*findings: Finding) -> list[str]:
    forwards, backwards = merge(findings), merge(reversed(findings))
    assert forwards == backwards
    return [f.quote for f in forwards]


def test_neighbours_that_both_add_the_same_word_are_one() -> None:
    at, evening = found("at", "in the"), found("evening", "the evening", confidence=0.8)
    assert kept(at, evening) == ["at"]


def test_neighbours_that_add_different_words_both_stay() -> None:
    assert kept(found("at", "in"), found("evening", "the evening")) == ["at", "evening"]
    assert kept(found("evening", "the evening"), found("with", "with a")) == ["evening", "with"]


def test_the_same_word_further_away_stays() -> None:
    assert kept(found("at", "in the"), found("friend", "the friend")) == ["at", "friend"]


def test_of_overlapping_findings_the_surer_stays() -> None:
    assert kept(found("at evening", "in the evening"), found("evening", "the evening", confidence=0.8)) == [
        "at evening"
    ]
