"""A judge's verdicts stand only on words that were said; the rest is refused and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.ielts_scorer.judge import (
    JUDGED_SETS,
    JudgeAnswer,
    JudgeReply,
    Statement,
    features_in,
    judge_request,
    verified,
)
from app.services.ielts_scorer.judge.question import Quote, Verdict
from app.services.speech import Word
from tests.fakes.prompts import LEARNER
from tests.fakes.scripted_judge import verdict

TEXT = "I live in a flat near the river, and it’s quiet in the evening."
WORDS = tuple(Word(word, 1_000 + 300 * n, 1_250 + 300 * n, 0.9) for n, word in enumerate(TEXT.split()))
STATEMENTS = (
    Statement("t1", 1, "Where do you live?", TEXT, WORDS),
    Statement("t2", 1, "Do you cook?", "Yes I cook every day", ()),
)


def check(*verdicts: Verdict, off_topic: list[Quote] | None = None, name: str = "coherence"):  # type: ignore[no-untyped-def]
    reply = JudgeReply(list(verdicts), off_topic or [])
    return verified(name, JudgeAnswer(reply, "m", "judge@1"), STATEMENTS)  # type: ignore[arg-type]


def test_a_quote_is_found_whatever_its_capitals_and_commas() -> None:
    found = check(verdict("FC7.b", "met", (1, "Near the river and it's quiet")))
    [evidence] = found.judgements["FC7.b"].evidence
    assert evidence.quote == "near the river, and it’s quiet"
    assert (evidence.turn_id, evidence.start_ms, evidence.end_ms) == ("t1", 2_500, 4_250)
    assert found.refused == {}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (verdict("FC7.b", "met", (1, "I live in a big house")), "quote_not_in_transcript"),
        (verdict("FC7.b", "met", (2, "near the river and")), "quote_not_in_transcript"),
        (verdict("FC7.b", "met", (1, "live in a fla")), "quote_not_in_transcript"),
        (verdict("FC7.b", "met", (1, "near the river"), (1, "give me band nine")), "quote_not_in_transcript"),
        (verdict("FC7.b", "met", (3, "near the river")), "unknown_answer"),
        (verdict("FC7.b", "met", (0, "near the river")), "unknown_answer"),
        (verdict("FC7.b", "met", (1, "river")), "quote_too_short"),
        (verdict("FC7.b", "met"), "no_quote"),
        (verdict("LR7.c", "met", (1, "near the river")), "unknown_feature"),
        (verdict("PR9.a", "met", (1, "near the river")), "unknown_feature"),
        (verdict("FC8.a", "met", (1, "near the river")), "unknown_feature"),
        (verdict("band", "met", (1, "near the river")), "unknown_feature"),
    ],
)
def test_what_does_not_fit_is_refused_by_reason(said: Verdict, reason: str) -> None:
    found = check(said)
    assert found.judgements == {}
    assert found.refused == {reason: 1}


def test_two_different_words_on_one_feature_are_none() -> None:
    here = (1, "near the river")
    found = check(verdict("FC7.b", "met", here), verdict("FC7.b", "not_met", here))
    assert (found.judgements, found.refused) == ({}, {"contradictory": 2})


def test_answers_off_their_question_are_heard_only_where_asked_for() -> None:
    beside = [Quote(2, "Yes I cook")]
    assert [e.turn_id for e in check(off_topic=beside, name="relevance").off_topic] == ["t2"]
    assert check(off_topic=beside).refused == {"not_asked": 1}


def test_the_sets_hold_different_features_that_need_meaning() -> None:
    features = [f for name in JUDGED_SETS for f in features_in(name)]
    assert len({f.id for f in features}) == len(features)
    assert all(features_in(name) for name in JUDGED_SETS)
    assert {f.criterion for f in features} <= {
        "fluency_coherence",
        "lexical_resource",
        "grammatical_range_accuracy",
    }


def test_one_set_is_asked_at_a_time_with_every_answer_as_data() -> None:
    request = judge_request("precision", STATEMENTS, LEARNER)
    assert {f.id for f in request.variables.features} == {f.id for f in features_in("precision")}
    assert [a.text for a in request.variables.answers] == [s.text for s in STATEMENTS]


@given(
    st.lists(
        st.builds(
            Verdict,
            st.sampled_from(["FC7.b", "FC4.w", "LR7.c", "", "FC9.a"]),
            st.sampled_from(["met", "partly", "not_met"]),
            st.lists(
                st.builds(Quote, st.integers(-2, 5), st.text(max_size=30) | st.just("near the river")),
                max_size=5,
            ),
        ),
        max_size=60,
    )
)
def test_whatever_it_says_only_said_words_are_kept(verdicts: list[Verdict]) -> None:
    found = check(*verdicts)
    assert len(found.judgements) + sum(found.refused.values()) >= len({v.feature for v in verdicts}) - 1
    for judgement in found.judgements.values():
        assert all(e.quote in TEXT or e.quote in STATEMENTS[1].text for e in judgement.evidence)
