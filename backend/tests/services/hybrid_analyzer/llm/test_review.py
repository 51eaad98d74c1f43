"""Nothing a model writes reaches a learner unless it fits the learner's own words."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import DEFAULT_RULES, LanguageAnalyzer
from app.services.hybrid_analyzer.llm import Answer, Review, UnreadableReply, apply_reply
from app.services.hybrid_analyzer.llm.request import MAX_FINDINGS
from app.services.hybrid_analyzer.llm.review import MAX_PROPOSALS
from app.services.hybrid_analyzer.rules.measured import Measured, with_measured_confidence
from app.services.speech import Word
from tests.fakes.scripted_model import proposal, reply
from tests.fakes.spoken import Voice, speak

SAID = "When I was small we go to the park and um I have two brother there. It was it was nice, I don’t know."
WEAK = with_measured_confidence(
    DEFAULT_RULES, {"NUM-AFTER-NUMBER": Measured(flags=20, right=12)}
)  # a rule that is right in two of three cases

MakeAnswer = Callable[..., Answer]


@pytest.fixture(scope="module")
def heard(parser: SpacyParser) -> MakeAnswer:
    def answer(text: str = SAID, *, rules: Any = DEFAULT_RULES, words: tuple[Word, ...] = ()) -> Answer:
        language = LanguageAnalyzer(parser, rules).analyze("t1", text, words)
        return Answer("t1", 1, "What did you do?", text, words, language)

    return answer


def refusals(answer: Answer, *findings: dict[str, Any]) -> dict[str, int]:
    review = apply_reply(answer, reply(findings))
    assert review.language.findings == answer.language.findings
    assert review.added == 0
    return dict(review.refused)


def test_a_mistake_that_rules_cannot_see_is_added(heard: MakeAnswer) -> None:
    answer = heard()
    review = apply_reply(answer, reply([proposal("go", "went")]))
    (added,) = [f for f in review.language.findings if f.source == "llm"]
    assert (added.quote, added.correction, added.rule_id) == ("go", "went", "LLM-R-VERB-TENSE")
    assert SAID[added.char_start : added.char_end] == "go"
    assert added.criterion == "grammatical_range_accuracy"
    assert added.confidence <= 0.8
    assert added.explanation_uz
    assert (review.added, review.language.llm) == (1, "reviewed")
    assert [f for f in review.language.findings if f.source != "llm"] == list(answer.language.findings)
    assert apply_reply(answer, reply([proposal("go", "went")])) == review


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (proposal("goes", "went"), "quote_not_in_transcript"),
        (proposal("par", "park"), "quote_not_in_transcript"),
        (proposal("there. It", "there, it"), "correction_equals_quote"),
        (proposal("go", "Go!"), "correction_equals_quote"),
        (proposal("I don't", "I don’t"), "correction_equals_quote"),
        (proposal("um I", "I"), "correction_equals_quote"),
        (proposal("I", "me"), "quote_ambiguous"),
        (proposal("I", "me", occurrence=0), "no_such_occurrence"),
        (proposal("I", "me", occurrence=-1), "no_such_occurrence"),
        (proposal("I", "me", occurrence=99), "no_such_occurrence"),
        (proposal("go", "went", occurrence=2), "no_such_occurrence"),
        (proposal("go", "went", category="R:VERB:MOOD"), "unknown_category"),
        (proposal("go", "went", category="M:WO"), "unknown_category"),
        (proposal("go", "went", category="R:PUNCT"), "unknown_category"),
        (proposal("go", "  "), "empty_field"),
        (proposal("", "went"), "empty_field"),
        (proposal("go", "went", explanation=""), "empty_field"),
        (proposal("go", "went " * 100), "overlong_field"),
        (proposal("go", "went", explanation="so " * 300), "overlong_field"),
        (proposal("go" * 200, "went"), "overlong_field"),
        (proposal("go", "went", explanation="Read https://example.test"), "unprintable"),
        (proposal("go", "went", explanation="<b>went</b>"), "unprintable"),
        (proposal("go", "went\u202e"), "unprintable"),
        (proposal("go", "пошёл"), "not_english"),
        (proposal("um", "uh"), "not_meant"),
        (proposal("go", "went", confidence=0.3), "unsure"),
        (proposal("go", "went", explanation="You said “gone”, but say “went”."), "explanation_quotes_unsaid"),
        (proposal("go", "went", severity="fatal"), "malformed"),
        (proposal("go", "went", confidence="high"), "malformed"),
        (proposal("have two brother", "have two sisters"), "overlaps_finding"),
        ({"quote": "go"}, "malformed"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_does_not_fit_is_refused_and_counted(
    heard: MakeAnswer, finding: dict[str, Any], reason: str
) -> None:
    assert refusals(heard(), finding) == {reason: 1}


def test_one_bad_item_costs_only_itself(heard: MakeAnswer) -> None:
    review = apply_reply(heard(), reply([{"quote": 7}, proposal("go", "went"), proposal("went", "go")]))
    assert review.added == 1
    assert review.refused == {"malformed": 1, "quote_not_in_transcript": 1}


def test_what_occurs_twice_is_told_apart_by_its_number(heard: MakeAnswer) -> None:
    text = "I go to a good place and they go home"
    for number, at in ((1, text.index("go")), (2, text.rindex("go"))):
        review = apply_reply(heard(text), reply([proposal("go", "went", occurrence=number)]))
        assert [f.char_start for f in review.language.findings] == [at]


def test_punctuation_around_a_quote_is_no_part_of_it(heard: MakeAnswer) -> None:
    text = "I like this film. We go there."
    for place in ({}, {"occurrence": 1}):
        review = apply_reply(heard(text), reply([proposal("film.", "“movie.”", **place)]))
        (added,) = review.language.findings
        assert (added.quote, added.correction) == ("film", "movie")
    assert refusals(heard(text), proposal("...", "film")) == {"empty_field": 1}


def test_a_curly_apostrophe_may_be_written_straight(heard: MakeAnswer) -> None:
    review = apply_reply(heard(), reply([proposal("don't know", "did not know")]))
    (added,) = [f for f in review.language.findings if f.source == "llm"]
    assert added.quote == "don’t know"


def test_words_the_recogniser_was_unsure_of_are_left_alone(heard: MakeAnswer) -> None:
    spoken = speak("And we go home", Voice(clarity=(0.95, 0.95, 0.4, 0.95)))
    assert refusals(heard(spoken.text, words=spoken.words), proposal("go", "went")) == {"heard_unclearly": 1}


def test_a_mistake_the_speaker_mended_is_none(heard: MakeAnswer) -> None:
    text = "I was buy, I mean I was buying bread"
    assert refusals(heard(text), proposal("was buy", "was buying")) == {"not_meant": 1}


def test_a_rule_keeps_its_finding_and_its_explanation(heard: MakeAnswer) -> None:
    answer = heard()
    said_again = proposal("two brother there", "two brothers there", explanation="Mine is better.")
    review = apply_reply(answer, reply([said_again]))
    assert review.language.findings == answer.language.findings
    assert (review.corroborated, review.added, review.refused) == (1, 0, {})


def test_of_two_proposals_for_a_place_the_better_explained_stays(heard: MakeAnswer) -> None:
    plain = proposal("go", "went", explanation_uz=None)
    review = apply_reply(heard(), reply([plain, proposal("go", "went")]))
    (added,) = [f for f in review.language.findings if f.source == "llm"]
    assert added.explanation_uz
    assert (review.added, review.corroborated) == (1, 1)


def test_no_flood(heard: MakeAnswer) -> None:
    words = [f"thing{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(MAX_PROPOSALS + 20)]
    words = [w.replace("thing", "go") for w in words]
    flood = [proposal(w, "went") for w in words]
    review = apply_reply(heard(" ".join(words)), reply(flood))
    assert review.added == MAX_FINDINGS
    assert review.refused == {"too_many": len(flood) - MAX_FINDINGS}


@pytest.mark.parametrize("text", ["", "I think it is fine.", "[]", "nul", '{"findings": 3}', "[" * 90_000])
def test_a_reply_that_is_no_reply_says_so(heard: MakeAnswer, text: str) -> None:
    with pytest.raises(UnreadableReply):
        apply_reply(heard(), text)
    with pytest.raises(UnreadableReply):
        apply_reply(heard(), reply([proposal("go", "went")], padding="x" * 200_000))


class TestSuspectedPlaces:
    """A rule measured under .8 raises nothing alone."""

    def test_it_waits_for_confirmation(self, heard: MakeAnswer) -> None:
        answer = heard("I have two brother", rules=WEAK)
        assert answer.language.findings == ()
        (suspected,) = answer.language.candidates
        review = apply_reply(answer, reply(verdicts=[{"id": suspected.id, "verdict": "mistake"}]))
        (finding,) = review.language.findings
        assert finding == replace(suspected, source="rule+llm", confidence=finding.confidence)
        assert suspected.confidence < finding.confidence < 1
        assert review.confirmed == 1
        assert review.language.unaided == ()

    @pytest.mark.parametrize(
        ("verdicts", "refused", "declined"),
        [
            ([], {}, 0),
            (["correct"], {}, 1),
            (["correct", "mistake"], {"contradictory": 1}, 0),
            (["perhaps"], {"malformed": 1}, 0),
        ],
    )
    def test_without_it_nothing_is_shown(
        self, heard: MakeAnswer, verdicts: list[str], refused: dict[str, int], declined: int
    ) -> None:
        answer = heard("I have two brother", rules=WEAK)
        (suspected,) = answer.language.candidates
        review = apply_reply(answer, reply(verdicts=[{"id": suspected.id, "verdict": v} for v in verdicts]))
        assert review.language.findings == ()
        assert (review.refused, review.declined) == (refused, declined)

    def test_a_place_nobody_asked_about_is_refused(self, heard: MakeAnswer) -> None:
        review = apply_reply(heard(), reply(verdicts=[{"id": "f_0", "verdict": "mistake"}]))
        assert review.refused == {"unknown_candidate": 1}

    def test_a_place_that_stands_already_is_not_suspected(self, heard: MakeAnswer) -> None:
        assert heard("I have two brother").language.candidates == ()


ODD = st.text(st.sampled_from('go went I“”"<\u202e\ud800 я.') | st.characters(), max_size=20)
FIELD = st.one_of(st.none(), st.integers(-5, 200), st.floats(), ODD, st.sampled_from(["go", "went", "I"]))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.lists(
        st.fixed_dictionaries(
            {"quote": st.sampled_from(["go", "go to", "park and um", "brother", "I"]) | ODD},
            optional={
                "correction": st.sampled_from(["went", "go", "went to the"]) | ODD,
                "category": st.sampled_from(["R:VERB:TENSE", "M:DET", "X"]),
                "severity": st.sampled_from(["low", "high", "no"]),
                "confidence": st.floats(0, 1) | FIELD,
                "explanation": st.just("Past time.") | ODD,
                "occurrence": st.integers(-2, 5),
            },
        )
        | FIELD,
        max_size=6,
    )
)
def test_whatever_a_model_writes_what_is_shown_was_said(heard: MakeAnswer, items: list[Any]) -> None:
    answer = heard()
    review: Review = apply_reply(
        answer, json.dumps({"findings": items}).replace("NaN", "1").replace("Infinity", "9")
    )
    findings = review.language.findings
    assert set(answer.language.findings) <= set(findings)
    for finding in findings:
        assert SAID[finding.char_start : finding.char_end] == finding.quote
        assert finding.correction
        assert finding.explanation.isprintable()
    assert all(a.char_end <= b.char_start for a, b in pairwise(findings))
    assert review.added + review.corroborated + sum(review.refused.values()) == len(items)
