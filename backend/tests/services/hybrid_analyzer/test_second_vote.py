"""A tagger's votes become findings where the words agree, beside what the rules found and never instead."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.hybrid_analyzer import (
    DEFAULT_RULES,
    VOTED_RULES,
    Answered,
    Finding,
    LanguageAnalysis,
    LanguageAnalyzer,
    Vote,
)
from app.services.hybrid_analyzer.merge import overlapping
from app.services.speech import Word
from tests.fakes.spoken import speak
from tests.fakes.tagger import ScriptedTagger, vote_on

UNSURE = 0.4
"""A vote that needs a second witness, where nothing else was said that shows what the speaker makes wrong."""

SAID = "we went home because it was late and tashkent is nice place"


def voted(
    parser: SpacyParser,
    trigrams: PocketsphinxTrigrams,
    text: str,
    edits: Mapping[str, str],
    probability: float = 0.75,
) -> LanguageAnalysis:
    analyzer = LanguageAnalyzer(parser, (), trigrams)
    tagger = ScriptedTagger(edits, probability)
    return vote_on(analyzer, tagger, analyzer.analyze("t", text), text)


def test_a_likely_vote_is_a_finding_with_both_explanations(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    (finding,) = voted(parser, trigrams, SAID, {"nice": "+a"}).findings
    assert (finding.quote, finding.correction) == ("nice place", "a nice place")
    assert (finding.source, finding.rule_id, finding.category) == ("lm", "TAG-DETERMINER", "M:DET")
    assert finding.explanation.startswith("Check this")
    assert finding.explanation_uz is not None
    assert "a nice place" in finding.explanation_uz


@pytest.mark.parametrize(
    ("text", "edits", "probability"),
    [
        (SAID, {"nice": "+a"}, 0.3),  # unlikely
        (SAID, {"nice": "DELETE"}, 0.99),  # a kind that is never heard
        (SAID, {"nice": "+of"}, 0.99),
        (SAID, {"it": "DELETE"}, 0.99),
        ("we went there by bus", {"bus": "+the"}, 0.99),  # goes without
        ("my brother likes qwzx food", {"qwzx": "+the"}, 0.99),  # a word that nobody knows
        ("we are happy", {"are": "=is"}, 0.99),  # agrees with its pronoun
        ("we like the nice place", {"nice": "+a"}, 0.75),  # has its determiner
        ("we have two brothers", {"brothers": "NNS"}, 0.99),  # is plural already
        ("he went there", {"went": "VB"}, UNSURE),  # nothing before it asks for the base form
    ],
)
def test_other_votes_are_not(
    parser: SpacyParser,
    trigrams: PocketsphinxTrigrams,
    text: str,
    edits: Mapping[str, str],
    probability: float,
) -> None:
    assert voted(parser, trigrams, text, edits, probability).findings == ()


def test_a_sure_vote_needs_no_second_witness(parser: SpacyParser) -> None:
    analyzer = LanguageAnalyzer(parser, ())
    first = analyzer.analyze("t", SAID)
    (finding,) = vote_on(analyzer, ScriptedTagger({"nice": "+a"}, 0.95), first, SAID).findings
    assert (finding.quote, finding.correction) == ("nice place", "a nice place")


def test_without_a_word_model_nothing_agrees_with_the_tagger(parser: SpacyParser) -> None:
    analyzer = LanguageAnalyzer(parser, ())
    first = analyzer.analyze("t", SAID)
    assert vote_on(analyzer, ScriptedTagger({"nice": "+a"}, UNSURE), first, SAID).findings == ()


def test_doubts_count_less_where_the_whole_talk_is_right(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    """The same doubt in the same answer, after many words without one and after others like it."""
    analyzer = LanguageAnalyzer(parser, (), trigrams)

    def findings_after(before: str) -> tuple[Finding, ...]:
        answers = [Answered("t", text, (), analyzer.analyze("t", text)) for text in (*[before] * 20, SAID)]
        return analyzer.with_second_votes(answers, ScriptedTagger({"nice": "+a"}, 0.5))[-1].findings

    assert findings_after("we live near the sea and we swim in it every day of the long summer") == ()
    assert len(findings_after("tashkent is nice place and i live in nice street near nice park")) == 1


def test_bands_do_not_count_what_only_the_tagger_saw(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    analysis = voted(parser, trigrams, SAID, {"nice": "+a"})
    assert analysis.findings
    assert analysis.unaided == ()


def test_an_answer_without_words_changes_nothing(parser: SpacyParser) -> None:
    analyzer = LanguageAnalyzer(parser, ())
    answers = [Answered("t", text, (), analyzer.analyze("t", text)) for text in ("", " … ", "плов", "um")]
    voted = analyzer.with_second_votes(answers, ScriptedTagger({}))
    assert voted == tuple(answer.analysis for answer in answers)


def test_an_is_that_is_left_out_joins_its_pronoun(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    (finding,) = voted(parser, trigrams, "wow that awesome", {"awesome": "+is"}).findings
    assert (finding.rule_id, finding.quote, finding.correction) == (
        "TAG-BE",
        "that awesome",
        "that's awesome",
    )


def test_what_a_rule_found_stays_as_it_is(parser: SpacyParser, trigrams: PocketsphinxTrigrams) -> None:
    text = "He like football and he like it."
    analyzer = LanguageAnalyzer(parser, DEFAULT_RULES, trigrams)
    alone = analyzer.analyze("t", text)
    both = vote_on(analyzer, ScriptedTagger({"like": "VBZ", "football": "+the"}), alone, text)
    assert alone.findings
    assert set(alone.findings) <= set(both.findings)


def test_a_second_vote_twice_is_one(parser: SpacyParser, trigrams: PocketsphinxTrigrams) -> None:
    analyzer, tagger = LanguageAnalyzer(parser, (), trigrams), ScriptedTagger({"nice": "+a"})
    once = vote_on(analyzer, tagger, analyzer.analyze("t", SAID), SAID)
    assert vote_on(analyzer, tagger, once, SAID) == once


def test_words_that_were_left_out_are_not_put_before_the_tagger(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    tagger = ScriptedTagger({"nice": "+a"})
    text = "Um, Tashkent is, uh, is nice place."
    analyzer = LanguageAnalyzer(parser, (), trigrams)
    (finding,) = vote_on(analyzer, tagger, analyzer.analyze("t", text), text).findings
    assert not {"um", "uh"} & set(tagger.asked[0])
    assert text[finding.char_start : finding.char_end] == finding.quote == "nice place"


def test_a_word_that_was_hardly_heard_is_no_mistake(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    spoken = speak(SAID)
    unsure = tuple(
        Word(w.text, w.start_ms, w.end_ms, 0.3 if w.text.strip() == "nice" else 0.95) for w in spoken.words
    )
    analyzer, tagger = LanguageAnalyzer(parser, (), trigrams), ScriptedTagger({"nice": "+a"})
    first = analyzer.analyze("t", spoken.text, unsure)
    assert vote_on(analyzer, tagger, first, spoken.text, unsure).findings == ()


class AnyVotes:
    """Votes for anything anywhere."""

    def __init__(self, votes: tuple[Vote, ...]) -> None:
        self._votes = votes

    def votes(self, words: object) -> tuple[Vote, ...]:
        return self._votes


EDITS = sorted({"+a", "+the", "+it", "+is", "+to", "NNS", "VB", "VBD", "VBG", "VBZ", "=is", "=has", "DELETE"})
SPOKEN = [
    "i",
    "he",
    "it",
    "two",
    "brother",
    "go",
    "goes",
    "to",
    "home",
    "is",
    "are",
    "did",
    "want",
    "enjoy",
    "nice",
    "place",
    ",",
    ".",
    "плов",
    "😀",
    "don't",
    "a",
    "um",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.sampled_from(SPOKEN), max_size=15).map(" ".join),
    votes=st.lists(
        st.builds(Vote, st.integers(0, 20), st.sampled_from(EDITS), st.floats(0.4, 1)), max_size=12
    ).map(tuple),
)
def test_whatever_a_tagger_says_places_stay_true(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams, text: str, votes: tuple[Vote, ...]
) -> None:
    analyzer = LanguageAnalyzer(parser, DEFAULT_RULES, trigrams)
    first = analyzer.analyze("t", text)
    both = vote_on(analyzer, AnyVotes(votes), first, text)
    assert set(first.findings) <= set(both.findings)
    for finding in (*both.findings, *both.candidates):
        assert text[finding.char_start : finding.char_end] == finding.quote
        assert finding.correction.lower() != finding.quote.lower()
    for at, finding in enumerate(both.findings):
        assert not any(overlapping(finding, other) for other in both.findings[at + 1 :])


def test_every_voted_rule_can_be_disputed() -> None:
    assert len({rule.id for rule in (*DEFAULT_RULES, *VOTED_RULES)}) == len(DEFAULT_RULES) + len(VOTED_RULES)
    assert all(rule.explanation_uz and rule.source == "lm" for rule in VOTED_RULES)
