import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.analysis_coordinator import (
    AnalysisResult,
    DeepAnalysis,
    LearnerTurn,
    SecondOpinion,
    SessionMaterial,
    TurnAnalysis,
    TurnAnalyzer,
)
from app.services.ielts_scorer import CRITERIA, bands_from_ledger
from app.services.pronunciation_engine.learned import PronunciationScores, SpeechResult, Steps
from app.services.speech import SpokenTurn
from tests.fakes.learners import LEVELS, learner
from tests.fakes.spoken import Voice, answers, material
from tests.fakes.tagger import ScriptedTagger

STRAIGHT_UZBEK_LETTER = re.compile(r"[oOgG]'")
QUOTED = re.compile(r"“[^”]*”")


def ignore(percent: int) -> None:
    """Nobody watches."""


def run(
    deep: DeepAnalysis,
    session: SessionMaterial,
    stored: Mapping[str, TurnAnalysis] | None = None,
    progress: Callable[[int], None] = ignore,
) -> AnalysisResult:
    """Analyse a session that only rules read."""
    return deep.conclude(session, SecondOpinion(deep.analyse(session, stored or {}, progress)), progress)


@pytest.fixture(scope="module")
def documents(deep: DeepAnalysis) -> dict[str, dict[str, Any]]:
    return {level: run(deep, material(learner(level))).to_json() for level in LEVELS}


def test_learners_of_three_levels_rank_and_spread(documents: dict[str, dict[str, Any]]) -> None:
    overall = [documents[level]["overall"]["band"] for level in LEVELS]
    assert all(better - worse >= 1.0 for worse, better in pairwise(overall))
    assert 2.5 <= overall[0] <= 4.5
    assert 5.5 <= overall[1] <= 7.0
    assert overall[2] >= 7.5
    for criterion in CRITERIA:
        bands = [documents[level]["criteria"][criterion]["band"] for level in LEVELS]
        assert all(better - worse >= 0.5 for worse, better in pairwise(bands))


@pytest.mark.parametrize("level", LEVELS)
def test_the_document_holds_what_the_contract_names(documents: dict[str, dict[str, Any]], level: str) -> None:
    document = documents[level]
    assert document["status"] == "final"
    assert set(document["overall"]) == {
        "band",
        "estimate",
        "judged",
        "band_low",
        "band_high",
        "band_strict",
        "rounding_policy",
    }
    assert document["overall_band"] == document["overall"]["band"]
    assert list(document["criteria"]) == list(CRITERIA)
    assert set(document["measures"]["parts"]) == {"1", "2", "3"}
    assert document["conditions"]["llm"]["status"] == "not_configured"
    assert document["conditions"]["mode"] == "quick"
    assert document["conditions"]["clock"] == "short"
    answers_without_sound = document["conditions"]["rated_answers"]
    assert {"what": "pitch", "reason": "no_audio", "answers": answers_without_sound} in document[
        "pronunciation"
    ]["not_measured"]
    assert "not an official" in document["disclaimer"]
    json.dumps(document, allow_nan=False)


def test_vocabulary_is_profiled_and_widens_with_the_level(documents: dict[str, dict[str, Any]]) -> None:
    measures = [documents[level]["measures"]["whole"] for level in LEVELS]
    for whole in measures:
        assert sum(whole["frequency_profile"]["tokens"].values()) == pytest.approx(1, abs=0.001)
        assert sum(whole["cefr_profile"]["types"].values()) == pytest.approx(1, abs=0.001)
        assert whole["beyond_2k_share"] >= whole["soph_k3_share"]
        assert 0 < whole["hdd42"] < 1
    for name in ("beyond_2k_share", "soph_k3_share", "b2_plus_share"):
        assert measures[0][name] < measures[1][name] < measures[2][name]


def test_grammatical_range_is_told_and_widens_with_the_level(documents: dict[str, dict[str, Any]]) -> None:
    measures = [documents[level]["measures"]["whole"] for level in LEVELS]
    for whole in measures:
        kinds = whole["clause_kinds"]
        assert whole["subordinate_clauses"] == sum(kinds.values()) - kinds["coordinated"]
        assert whole["verb_form_types"] == len(whole["verb_forms"])
        assert 0 <= whole["error_free_unit_ratio"] <= 1
    for name in (
        "clauses_per_unit",
        "subordination_ratio",
        "words_per_unit",
        "verb_form_types",
        "modal_types",
    ):
        values = [whole[name] for whole in measures]
        assert values[0] < values[1] < values[2]


def test_a_few_words_have_no_profile(deep: DeepAnalysis) -> None:
    document = run(deep, material(answers([(1, "I live in Tashkent with my family.")]))).to_json()
    whole = document["measures"]["whole"]
    names = ("frequency_profile", "cefr_profile", "beyond_2k_share", "soph_k3_share", "b2_plus_share")
    assert [whole[name] for name in names] == [None] * 5


@pytest.mark.parametrize("level", LEVELS)
def test_bands_follow_from_what_is_stored(documents: dict[str, dict[str, Any]], level: str) -> None:
    stored = json.loads(json.dumps(documents[level]))
    recomputed = bands_from_ledger(stored)
    assert recomputed["overall"] == stored["overall"]["band"]
    assert {c: recomputed[c] for c in CRITERIA} == {c: stored["criteria"][c]["band"] for c in CRITERIA}


@pytest.mark.parametrize("level", LEVELS)
def test_every_quote_was_said_where_it_says(documents: dict[str, dict[str, Any]], level: str) -> None:
    turns = {t.turn_id: t for t in learner(level)}
    evidence = [
        e for c in documents[level]["criteria"].values() for f in c["features"] for e in f["evidence"]
    ] + [e for s in documents[level]["next_steps"] for e in s["evidence"]]
    assert len(evidence) > 20
    for item in evidence:
        speech = turns[item["turn_id"]].speech
        assert item["quote"] in speech.text
        assert speech.start_ms <= item["start_ms"] <= item["end_ms"] <= speech.end_ms


@pytest.mark.parametrize("level", LEVELS)
def test_three_things_to_do_from_this_learners_own_speech(
    documents: dict[str, dict[str, Any]], level: str
) -> None:
    steps = documents[level]["next_steps"]
    assert len(steps) == 3
    assert len({s["kind"] for s in steps}) == 3
    for step in steps:
        assert "{" not in step["text"] + step["text_uz"]
        assert not STRAIGHT_UZBEK_LETTER.search(QUOTED.sub("", step["text_uz"]))
    assert documents["weak"]["next_steps"] != documents["strong"]["next_steps"]


def test_the_same_speech_gives_the_same_bytes(
    deep: DeepAnalysis, documents: dict[str, dict[str, Any]]
) -> None:
    again = run(deep, material(learner("medium"))).to_json()
    assert json.dumps(again) == json.dumps(documents["medium"])


def test_what_was_computed_in_the_talk_is_used_and_the_rest_made_up_for(
    deep: DeepAnalysis, analyzer: TurnAnalyzer, documents: dict[str, dict[str, Any]]
) -> None:
    turns = learner("medium")
    asked: list[tuple[int, int]] = []

    def audio(start_ms: int, end_ms: int) -> bytes:
        asked.append((start_ms, end_ms))
        return b""

    stored = {t.turn_id: analyzer.analyze(t, b"") for t in turns[:-2]}
    result = run(deep, SessionMaterial("s", "quick", "short", turns, audio), stored)
    assert asked == [(t.speech.start_ms, t.speech.end_ms) for t in turns[-2:]]
    assert result.to_json() == documents["medium"]


def test_progress_rises_to_a_hundred(deep: DeepAnalysis) -> None:
    seen: list[int] = []
    run(deep, material(learner("weak")), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert len(seen) > 5


def test_an_exam_without_a_word(deep: DeepAnalysis) -> None:
    (turn,) = answers([(1, "yes")])
    silent = replace(turn, speech=SpokenTurn(0, 5_000))
    for turns in ((), (silent,)):
        document = run(deep, material(turns)).to_json()
        assert document["overall"]["band"] is None
        assert document["next_steps"] == []
        assert all(c["band"] is None and c["reason"] for c in document["criteria"].values())
        json.dumps(document, allow_nan=False)


def test_half_a_minute_gives_a_range(deep: DeepAnalysis) -> None:
    document = run(deep, material(learner("medium")[:4])).to_json()
    assert document["overall"]["band"] is None
    assert document["overall"]["band_low"] < document["overall"]["band_high"]


def test_names_and_greetings_do_not_move_the_bands(
    deep: DeepAnalysis, documents: dict[str, dict[str, Any]]
) -> None:
    first, *rest = learner("medium")
    greeting = replace(first, turn_id="hello", index=-1, kind="greeting")
    document = run(deep, material((greeting, first, *rest))).to_json()
    assert document["criteria"] == documents["medium"]["criteria"]


def test_repeated_mistakes_lead_to_a_drill(deep: DeepAnalysis) -> None:
    said = "In my city there are many park and I have two brother. He like football and she like music. "
    turns = answers([(1, said * 4), (2, said * 4), (3, said * 4)], Voice(clarity=(0.97,)))
    document = run(deep, material(turns)).to_json()
    corrections = [s for s in document["next_steps"] if s["kind"].startswith("correct:")]
    assert corrections
    known = {f["id"] for f in document["findings"]}
    assert set(corrections[0]["finding_ids"]) <= known
    accuracy = document["measures"]["whole"]["errors_per_100w"]
    assert accuracy["low"] < accuracy["estimate"]
    states = {f["id"]: f["state"] for f in document["criteria"]["grammatical_range_accuracy"]["features"]}
    assert states["GR7.b"] == "not_met"
    assert states["GR7.y"] == "met"


@pytest.mark.parametrize(
    "text",
    ["😀 😀 😀", "Я не знаю что сказать", "um uh er mmm", "yes", "no no no no", "\x00\x01", "word " * 4_000],
)
def test_odd_answers_end_in_a_document(deep: DeepAnalysis, text: str) -> None:
    document = run(deep, material(answers([(1, text)]))).to_json()
    json.dumps(document, allow_nan=False)
    assert document["status"] == "final"


def test_a_rule_that_is_off_is_neither_heard_nor_counted(
    deep: DeepAnalysis, analyzer: TurnAnalyzer, documents: dict[str, dict[str, Any]]
) -> None:
    off = documents["weak"]["findings"][0]["rule_id"]
    turns = learner("weak")
    session = replace(material(turns), rules_off=frozenset({off}))
    stored = {t.turn_id: analyzer.analyze(t, b"") for t in turns[:2]}
    document = run(deep, session, stored).to_json()
    kept = [f["id"] for f in documents["weak"]["findings"] if f["rule_id"] != off]
    assert [f["id"] for f in document["findings"]] == kept
    assert document["conditions"]["rules_switched_off"] == [off]
    errors = [d["measures"]["whole"]["errors_per_100w"]["estimate"] for d in (document, documents["weak"])]
    assert errors[0] < errors[1]
    assert off not in json.dumps(document["next_steps"])


def test_each_feature_says_what_every_part_showed(documents: dict[str, dict[str, Any]]) -> None:
    features = [f for c in documents["weak"]["criteria"].values() for f in c["features"]]
    parts = {part for f in features for part in f["parts"]}
    assert parts == {"1", "2", "3"}
    for feature in features:
        assert set(feature["parts"].values()) <= {"met", "partly", "not_met"}
    by_length = [f for f in features if "words_per_longer_answer" in f["measures"]]
    assert any("2" not in f["parts"] for f in by_length)


class Unasked:
    """Scores nothing: whoever asks it has not looked at what was heard during the talk."""

    confusions: Mapping[tuple[str, str], float] = {}

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        raise AssertionError("was listened to again")

    def listen(self, pcm: bytes, *, start_ms: int) -> Steps[SpeechResult]:
        raise AssertionError("was listened to again")


def test_what_was_heard_during_the_talk_counts_and_needs_no_sound(analyzer: TurnAnalyzer) -> None:
    turns = learner("weak")
    heard = SpeechResult("ok", None, PronunciationScores(72.0, 70.0, 68.0, 66.0), 20_000)
    stored = {t.turn_id: replace(analyzer.analyze(t, b""), pronunciation=heard) for t in turns}
    deep = DeepAnalysis(analyzer, assessor=Unasked())
    assert not any(deep.wants_sound(turn, stored) for turn in turns)
    document = run(deep, material(turns), stored).to_json()
    scores = document["pronunciation"]["scores"]
    assert (scores["status"], scores["pronunciation_score"]) == ("ok", 66.0)
    pronunciation = document["criteria"]["pronunciation"]
    assert any(f["measures"].get("rated_pronunciation") == 66.0 for f in pronunciation["features"])
    assert bands_from_ledger(document)["pronunciation"] == pronunciation["band"]


VOTED = "We went home because it was late and Tashkent is nice place."


@pytest.fixture(scope="module")
def voting(parser: SpacyParser, trigrams: PocketsphinxTrigrams) -> DeepAnalysis:
    return DeepAnalysis(TurnAnalyzer(parser, trigrams, open_tagger=lambda: ScriptedTagger({"nice": "+a"})))


def rule_ids(analysed: tuple[tuple[LearnerTurn, TurnAnalysis], ...]) -> set[str]:
    return {f.rule_id for _, analysis in analysed for f in analysis.language.findings}


@pytest.mark.parametrize("heard_before", [False, True], ids=["analysed now", "stored during the talk"])
def test_every_answer_gets_its_second_vote_when_the_talk_is_over(
    voting: DeepAnalysis, analyzer: TurnAnalyzer, heard_before: bool
) -> None:
    turns = answers([(1, VOTED)])
    stored = {turn.turn_id: analyzer.analyze(turn, b"") for turn in turns} if heard_before else {}
    assert "TAG-DETERMINER" in rule_ids(voting.analyse(material(turns), stored, ignore))


def test_a_second_vote_that_switched_itself_off_is_not_heard(voting: DeepAnalysis) -> None:
    session = replace(material(answers([(1, VOTED)])), rules_off=frozenset({"TAG-DETERMINER"}))
    assert "TAG-DETERMINER" not in rule_ids(voting.analyse(session, {}, ignore))


def test_without_a_tagger_answers_stay_as_they_are(
    parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    turns = answers([(1, VOTED)])
    alone = TurnAnalyzer(parser, trigrams, open_tagger=lambda: None)
    ((_, analysis),) = DeepAnalysis(alone).analyse(material(turns), {}, ignore)
    assert analysis == alone.analyze(turns[0], b"")
