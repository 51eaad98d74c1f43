"""What would raise a band is said in both languages, with amounts and places."""

import json
import re
from typing import Any

import pytest

from app.services.analysis_coordinator import DeepAnalysis, SecondOpinion, SessionMaterial
from app.services.analysis_coordinator.what_would_raise import wording
from app.services.ielts_scorer import CRITERIA
from app.services.ielts_scorer.descriptors import features_of
from app.services.ielts_scorer.scales import scales
from tests.fakes.learners import learner
from tests.fakes.spoken import material


def run(deep: DeepAnalysis, session: SessionMaterial) -> dict[str, Any]:
    answers = deep.analyse(session, {}, lambda percent: None)
    return deep.conclude(session, SecondOpinion(answers), lambda percent: None).to_json()


@pytest.fixture(scope="module")
def document(deep: DeepAnalysis) -> dict[str, Any]:
    return run(deep, material(learner("weak")))


def test_every_measure_that_decides_anything_can_be_told() -> None:
    used = {
        name
        for criterion in CRITERIA
        for feature in features_of(criterion)
        for name in (*feature.measures, *feature.at_least)
        if name not in scales() or scales()[name].movable
    }
    assert used <= set(wording())
    for words in wording().values():
        assert set(re.findall(r"{\w+}", words["text"])) == set(re.findall(r"{\w+}", words["text_uz"]))


def test_ways_up_are_told_with_amounts_and_places(document: dict[str, Any]) -> None:
    for criterion in document["criteria"].values():
        assert criterion["would_raise"], criterion["criterion"]
        for way in criterion["would_raise"]:
            assert way["band"] > criterion["band"]
            for text in (way["text"], way["text_uz"]):
                assert re.search(r"\d", text)
                assert "{" not in text
                assert not text[0].islower()
    pauses = document["criteria"]["fluency_coherence"]["would_raise"][0]
    assert pauses["text"].startswith("About 11 fewer pauses inside a phrase in the whole test would bring")
    assert pauses["evidence"][0]["start_ms"] is not None
    json.dumps(document, allow_nan=False)


def test_a_criterion_without_a_band_has_no_way_up(deep: DeepAnalysis) -> None:
    silent = run(deep, material(()))
    assert all(c["would_raise"] == [] for c in silent["criteria"].values())


def test_one_is_not_said_like_many() -> None:
    for name, words in wording().items():
        if "{n}" in words["text"]:
            one = words["text_one"]
            assert "{n}" not in one, name
            assert re.search(r"\bone\b|\bonce\b", one), name
            assert not re.search(r"\bone (more )?(\w+ )?(words|pauses|kinds|mistakes)\b", one), name
