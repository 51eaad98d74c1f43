from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.hybrid_analyzer import DEFAULT_RULES, LanguageAnalysis, LanguageAnalyzer, Token
from app.services.hybrid_analyzer.legible import MAX_CHARS, MAX_WORDS
from app.services.hybrid_analyzer.merge import overlapping
from app.services.hybrid_analyzer.word_set import word_set
from app.services.speech import Word
from tests.fakes.spoken import Voice, speak


def analyse(parser: SpacyParser, text: str, *, clarity: tuple[float, ...] | None = None) -> LanguageAnalysis:
    if clarity is None:
        return LanguageAnalyzer(parser).analyze("t1", text)
    spoken = speak(text, Voice(clarity=clarity))
    return LanguageAnalyzer(parser).analyze("t1", spoken.text, spoken.words)


def test_a_finding_points_at_its_characters_and_times(parser: SpacyParser) -> None:
    spoken = speak("Well um I have two brother and they are kind")
    (finding,) = LanguageAnalyzer(parser).analyze("t1", spoken.text, spoken.words).findings
    assert spoken.text[finding.char_start : finding.char_end] == finding.quote == "two brother"
    assert finding.correction == "two brothers"
    assert (finding.start_ms, finding.end_ms) == (spoken.words[4].start_ms, spoken.words[5].end_ms)
    assert finding.source == "rule"
    assert finding.explanation_uz


def test_a_word_the_recogniser_was_unsure_of_is_never_flagged(parser: SpacyParser) -> None:
    text = "I have two brother"
    assert len(analyse(parser, text, clarity=(0.9,)).findings) == 1
    assert analyse(parser, text, clarity=(0.9, 0.9, 0.9, 0.49)).findings == ()


def test_weak_words_need_clear_neighbours(parser: SpacyParser) -> None:
    text = "We go to home now"
    assert len(analyse(parser, text, clarity=(0.95,)).findings) == 1
    assert analyse(parser, text, clarity=(0.95, 0.95, 0.95, 0.95, 0.7)).findings == ()


def test_confidence_falls_with_what_was_heard(parser: SpacyParser) -> None:
    (clear,) = analyse(parser, "I have two brother", clarity=(0.99,)).findings
    (dull,) = analyse(parser, "I have two brother", clarity=(0.8,)).findings
    assert dull.confidence < clear.confidence <= 0.99


@pytest.mark.parametrize(
    "text",
    [
        "he go he goes to school",
        "I have two brother, I mean, I have two brothers",
        "she don't she doesn't like it",
        "my brother work works in a bank",
    ],
)
def test_what_the_speaker_mends_is_no_mistake(parser: SpacyParser, text: str) -> None:
    assert analyse(parser, text).findings == ()


def test_one_place_has_one_finding(parser: SpacyParser) -> None:
    findings = analyse(parser, "I am afraid from dogs and it depends from people").findings
    assert [f.quote for f in findings] == ["afraid from", "depends from"]


def test_the_same_place_keeps_its_id(parser: SpacyParser) -> None:
    first = analyse(parser, "He like football.").findings
    assert first == analyse(parser, "He like football.").findings
    other = LanguageAnalyzer(parser).analyze("t2", "He like football.").findings
    assert first[0].id != other[0].id


def test_measures_of_an_answer(parser: SpacyParser) -> None:
    analysis = analyse(parser, "Um, I I like the city because it is big, and if it rains I stay at home.")
    assert analysis.words == 16
    assert {m.kind for m in analysis.markers} == {"because", "and", "if"}
    assert [d.kind for d in analysis.disfluencies] == ["filler", "repeat"]
    assert "conditional" in {s.kind for s in analysis.structures}
    assert analysis.llm == "not_asked"


def test_fillers_and_clause_starts_are_word_indices(parser: SpacyParser) -> None:
    spoken = speak("I live here um because I like it")
    analysis = LanguageAnalyzer(parser).analyze("t", spoken.text, spoken.words)
    assert analysis.filler_words == (3,)
    assert {3, 4} <= set(analysis.clause_starts)
    assert 2 not in analysis.clause_starts


ODD = [
    "",
    "Yes",
    "😀🙃 👨‍👩‍👧",
    "Я живу в Ташкенте",
    "I like плов very much",
    "שלום I am here",
    "\x00\x07 I \x1b am \u202e here",
    "i" * 50_000,
    "?!?! ... ,,, --",
    "I am agree " * 200,
    "İstanbul’da ﬁne ßtraße",
    "two \ud800 brother \udfff",
    "two\u200b bro\u200bther he\u0301 go",
    "\u202eI have two brother\u202c",
    "a" * 1_000_000,
]


@pytest.mark.parametrize("text", ODD, ids=[repr(t[:20]) for t in ODD])
def test_odd_answers_are_analysed(parser: SpacyParser, text: str) -> None:
    analysis = analyse(parser, text)
    for finding in analysis.findings:
        assert text[finding.char_start : finding.char_end] == finding.quote
        assert finding.correction.lower() != finding.quote.lower()


class Counting:
    """A parser that counts what it is given."""

    def __init__(self, parser: SpacyParser) -> None:
        self.inflect, self.base_verb = parser.inflect, parser.base_verb
        self._parser = parser
        self.texts: list[str] = []

    def parse(self, text: str) -> tuple[Token, ...]:
        self.texts.append(text)
        return self._parser.parse(text)


ENDLESS = {
    "words": "I have two brother and he like football. " * 2_500,
    "hyphens": "a-" * 500_000,
    "times": "1.1:" * 250_000,
    "no space": "iamagree" * 125_000,
    "punctuation": "I ,.; " * 6_000,
    "repairs": "I sorry I mean " * 5_000,
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=list(ENDLESS))
def test_an_endless_answer_is_read_once_and_in_part(parser: SpacyParser, text: str) -> None:
    counting = Counting(parser)
    analysis = LanguageAnalyzer(counting).analyze("t1", text)
    assert sum(map(len, counting.texts)) <= MAX_CHARS
    assert len(counting.texts) <= 1
    assert analysis.words <= MAX_WORDS
    assert analysis.skipped.over_limit_chars > 0


SPOKEN = sorted(
    word_set(
        "I he people two brother go to home is are um a the more better than don't know nothing , . ’ і 😀 "
        "and which who must depends from advices because if like she works can speaks"
    )
)


RULES = [replace(r, confidence=0.7) if i % 3 == 0 else r for i, r in enumerate(DEFAULT_RULES)]
"""The product's rules, every third of them too weak to stand alone."""

HOSTILE = "\ud800\u200b\u200d\u202e\u0301\x00\x1b\U0001f600ашع"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(
        st.sampled_from(SPOKEN) | st.text(st.characters() | st.sampled_from(HOSTILE), max_size=6),
        max_size=40,
    ).map(" ".join),
    probability=st.floats(0, 1),
)
def test_any_answer_gives_true_places(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams, text: str, probability: float
) -> None:
    words = tuple(Word(w, i * 100, i * 100 + 90, probability) for i, w in enumerate(text.split()))
    analysis = LanguageAnalyzer(parser, RULES, trigrams).analyze("t", text, words)
    for suspected in analysis.candidates:
        assert text[suspected.char_start : suspected.char_end] == suspected.quote
        assert not any(overlapping(suspected, f) for f in analysis.findings)
    for finding in analysis.findings:
        assert text[finding.char_start : finding.char_end] == finding.quote
        assert finding.correction.lower() != finding.quote.lower()
        assert (finding.start_ms is None) == (finding.end_ms is None)
        assert 0.6 <= finding.confidence <= 1
    for mention in (*analysis.markers, *analysis.structures):
        assert text[mention.char_start : mention.char_end] == mention.quote
        assert mention.position < analysis.words
    for gap in analysis.disfluencies:
        assert 0 <= gap.start < gap.end <= len(text)
    places = [(f.char_start, f.char_end) for f in analysis.findings]
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    assert all(0 <= i < len(words) for i in (*analysis.clause_starts, *analysis.filler_words))


def test_a_rule_set_of_ones_own(parser: SpacyParser) -> None:
    shy = [replace(DEFAULT_RULES[0], find=lambda reading: iter(()))]
    assert LanguageAnalyzer(parser, shy).analyze("t", "He like it").findings == ()


def test_a_mistake_mended_with_a_contraction_is_none(parser: SpacyParser) -> None:
    said = "She likes soup so she don't li she doesn't like oily food."
    assert not LanguageAnalyzer(parser).analyze("t", said).findings
