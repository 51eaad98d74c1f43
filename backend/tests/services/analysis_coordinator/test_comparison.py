"""What changed since earlier tests is told with care: ranges must part before a band is called higher."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.services.analysis_coordinator import DeepAnalysis, SecondOpinion
from app.services.analysis_coordinator.comparison import compare
from app.services.analysis_store import EarlierAnalysis
from app.services.ielts_scorer import CRITERIA
from tests.fakes.learners import learner
from tests.fakes.spoken import material

NEWEST, OLDER = UUID(int=1), UUID(int=2)


@pytest.fixture(scope="module")
def documents(deep: DeepAnalysis) -> dict[str, dict[str, Any]]:
    found = {}
    for level in ("weak", "strong"):
        session = material(learner(level))
        answers = deep.analyse(session, {}, lambda percent: None)
        found[level] = deep.conclude(session, SecondOpinion(answers), lambda percent: None).document()
    return found


def earlier(
    document: dict[str, Any], mistakes: dict[str, int] | None = None, *, session: UUID = NEWEST
) -> EarlierAnalysis:
    ended = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return EarlierAnalysis(session, ended, "full", document["method_version"], document, mistakes or {})


def test_nothing_to_compare_with(
    documents: dict[str, dict[str, Any]],
) -> None:
    weak = documents["weak"]
    assert weak["comparison"] is None
    assert compare(weak, (), ()) is None
    assert compare(weak, (), [replace(earlier(weak), method_version="analysis-0")]) is None


def test_practice_is_no_test_and_a_judged_result_is_another_kind(
    documents: dict[str, dict[str, Any]],
) -> None:
    weak, strong = documents["weak"], documents["strong"]
    practised = replace(earlier(weak), mode="practice")
    assert compare(strong, (), [practised]) is None
    again = {**strong, "conditions": {**strong["conditions"], "mode": "practice"}}
    assert compare(again, (), [practised]) is not None
    assert compare(again, (), [earlier(weak)]) is None
    judged = {**strong, "conditions": {**strong["conditions"], "judge": {"features_judged": 3}}}
    assert compare(judged, (), [earlier(weak)]) is None
    assert compare(judged, (), [earlier(judged)]) is not None


def test_far_apart_is_higher_and_lower(documents: dict[str, dict[str, Any]]) -> None:
    weak, strong = documents["weak"], documents["strong"]
    risen, fallen = compare(strong, (), [earlier(weak)]), compare(weak, (), [earlier(strong)])
    assert risen is not None
    assert fallen is not None
    assert risen["overall"]["verdict"] == "higher"
    assert fallen["overall"]["verdict"] == "lower"
    assert {risen["criteria"][c]["verdict"] for c in CRITERIA} == {"higher"}
    assert (risen["with_session"], risen["ended_at"][:10]) == (str(NEWEST), "2026-03-01")
    better = [m["measure"] for m in risen["measures"]["improved"]]
    assert better == [m["measure"] for m in fallen["measures"]["declined"]]
    assert len(better) == 3
    assert risen["measures"]["declined"] == fallen["measures"]["improved"] == []


def test_the_same_test_again_is_about_the_same(documents: dict[str, dict[str, Any]]) -> None:
    same = compare(documents["weak"], (), [earlier(documents["weak"])])
    assert same is not None
    assert {c["verdict"] for c in same["criteria"].values()} == {"about_the_same"}
    assert same["measures"] == {"improved": [], "declined": []}


def test_a_criterion_without_a_band_is_not_compared(documents: dict[str, dict[str, Any]]) -> None:
    weak = documents["weak"]
    silent = {**weak["criteria"]["pronunciation"], "band": None, "interval": None}
    mute = {**weak, "criteria": {**weak["criteria"], "pronunciation": silent}}
    for found in (compare(mute, (), [earlier(weak)]), compare(weak, (), [earlier(mute)])):
        assert found is not None
        assert found["criteria"]["pronunciation"]["verdict"] == "not_comparable"


def test_mistakes_that_came_back_stayed_or_were_not_heard(
    deep: DeepAnalysis, documents: dict[str, dict[str, Any]]
) -> None:
    answers = deep.analyse(material(learner("weak")), {}, lambda percent: None)
    findings = [f for _, analysis in answers for f in analysis.language.findings]
    first, second = sorted({f.rule_id for f in findings})[:2]
    now = [f for f in findings if f.rule_id in {first, second}]
    found = compare(
        documents["strong"],
        now,
        [
            earlier(documents["weak"], {first: 2, "gone": 3}),
            earlier(documents["weak"], {second: 4}, session=OLDER),
        ],
    )
    assert found is not None
    heard = sum(f.rule_id == first for f in now)
    assert found["mistakes"]["still_heard"] == [{"rule_id": first, "count": heard}]
    assert [m["rule_id"] for m in found["mistakes"]["came_back"]] == [second]
    assert found["mistakes"]["not_heard"] == [{"rule_id": "gone", "count": 3}]


def test_a_short_test_does_not_say_that_a_mistake_is_gone(documents: dict[str, dict[str, Any]]) -> None:
    strong = documents["strong"]
    measures = {**strong["measures"], "whole": {**strong["measures"]["whole"], "words": 149}}
    found = compare({**strong, "measures": measures}, (), [earlier(strong, {"gone": 3})])
    assert found is not None
    assert found["mistakes"]["not_heard"] == []
