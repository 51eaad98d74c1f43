"""A better version is the learner's own answer: corrected where it is sure, without its hesitations."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import BetterVersion, Disfluency, Finding, LanguageAnalyzer, better_version

FINDING = Finding(
    id="f", rule_id="R", category="R:OTHER", criterion="grammatical_range_accuracy", severity="low",
    confidence=0.9, source="rule", turn_id="t", char_start=0, char_end=0, start_ms=None, end_ms=None,
    quote="", correction="", explanation="",
)  # fmt: skip


@pytest.fixture(scope="module")
def better(parser: SpacyParser):  # type: ignore[no-untyped-def]
    analyzer = LanguageAnalyzer(parser)

    def make(text: str) -> BetterVersion | None:
        found = analyzer.analyze("t", text)
        return better_version(text, found.findings, found.disfluencies)

    return make


@pytest.mark.parametrize(
    ("said", "improved"),
    [
        ("Er, I must to go.", "I must go."),
        ("He said me that, um, the the film was good.", "He told me that, the film was good."),
        ("Students was tired, er.", "Students were tired."),
        ("It depends from the weather.", "It depends on the weather."),
        ("Um, er, many students was playing.", "Many students were playing."),
    ],
)
def test_corrected_and_without_hesitations(better, said: str, improved: str) -> None:  # type: ignore[no-untyped-def]
    version = better(said)
    assert version is not None
    assert version.text == improved


@pytest.mark.parametrize("said", ["", "I live in a flat.", "You know, I like it."])
def test_a_good_answer_stays_as_it_is(better, said: str) -> None:  # type: ignore[no-untyped-def]
    assert better(said) is None


def pieces(draw: st.DrawFn, text: str) -> list[tuple[int, int]]:
    """Some stretches of the text that do not touch."""
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if a < b]


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Finding], list[Disfluency]]:
    text = draw(st.text(alphabet="aB er,.- ", max_size=40))
    findings = [
        replace(
            FINDING,
            id=f"f{a}",
            char_start=a,
            char_end=b,
            quote=text[a:b],
            correction=draw(st.text("xY ", max_size=4)),
        )
        for a, b in pieces(draw, text)
    ]
    gaps = [Disfluency("filler", a, b, text[a:b]) for a, b in pieces(draw, text)]
    return text, findings, gaps


@given(edited())
def test_the_differences_lead_from_one_text_to_the_other(
    made: tuple[str, list[Finding], list[Disfluency]],
) -> None:
    text, findings, gaps = made
    version = better_version(text, findings, gaps)
    if version is None:
        assert not findings
        return
    at = better_at = 0
    for change in version.changes:
        assert text[at : change.start].lower() == version.text[better_at : change.better_start].lower()
        assert text[change.start : change.end] == change.said
        assert version.text[change.better_start : change.better_end] == change.better
        at, better_at = change.end, change.better_end
    assert text[at:].lower() == version.text[better_at:].lower()
    corrected = {change.finding_id for change in version.changes if change.kind == "correction"}
    assert corrected == {finding.id for finding in findings}
