"""A language model's word moves a feature by one state, and everything else stays as it is."""

from dataclasses import replace

import pytest

from app.services.ielts_scorer import CRITERIA, Evidence, Judgement, Sample, score
from app.services.ielts_scorer.descriptors import features_of
from app.services.ielts_scorer.judgement import State, moved
from tests.services.ielts_scorer.test_scorer import even

QUOTE = Evidence("because it is near the river", "t1", 1_000, 2_000)


def judged(sample: Sample, **said: str) -> Sample:
    judgements = {
        feature.replace("_", "."): Judgement(feature.replace("_", "."), state, (QUOTE,), "m", "judge@1")  # type: ignore[arg-type]
        for feature, state in said.items()
    }
    return replace(sample, judgements=judgements)


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("not_met", "met", "partly"),
        ("partly", "met", "met"),
        ("met", "not_met", "partly"),
        ("partly", "not_met", "not_met"),
        ("met", "met", "met"),
        ("not_met", "partly", "partly"),
        ("no_evidence", "met", "met"),
        ("no_evidence", "not_met", "not_met"),
        ("no_evidence", "partly", "no_evidence"),
    ],
)
def test_one_state_and_no_more(before: State, said: State, after: State) -> None:
    assert moved(before, said) == after  # type: ignore[arg-type]


def test_its_share_is_visible_and_the_rest_is_untouched() -> None:
    without, with_judge = even(6.0), judged(even(6.0), FC7_b="met", GR7_c="met")
    for plain, other in zip(score(without).criteria, score(with_judge).criteria, strict=True):
        before = {f["id"]: f for f in plain.to_json()["features"]}
        after = {f["id"]: f for f in other.to_json()["features"]}
        assert all(f["judged_by"] is None for f in before.values())
        for name, feature in after.items():
            if feature["judged_by"] is None:
                assert feature == before[name]
            else:
                assert feature["judged_by"]["before"] == before[name]["state"]
                assert feature["judged_by"]["after"] == feature["state"]
    fluency = score(with_judge).criteria[0].to_json()
    [seen] = [f for f in fluency["features"] if f["id"] == "FC7.b"]
    assert seen["judged_by"] == {"model": "m", "prompt": "judge@1", "before": "no_evidence", "after": "met"}
    assert seen["evidence"][0]["quote"] == QUOTE.quote
    assert "A language model judged 1 of the features" in fluency["explanation"]


def test_a_word_about_what_is_no_feature_changes_nothing() -> None:
    plain, other = score(even(6.0)), score(judged(even(6.0), band="met", FC99_z="met"))
    assert plain == other


@pytest.mark.parametrize("band", [4.0, 5.5, 6.5])
def test_yes_to_everything_is_no_band_nine(band: float) -> None:
    names = {f.id: f for c in CRITERIA for f in features_of(c) if f.judged}
    praise = {
        name.replace(".", "_"): "met" if f.polarity == "positive" else "not_met" for name, f in names.items()
    }
    before, after = score(even(band)), score(judged(even(band), **praise))
    for plain, other in zip(before.criteria, after.criteria, strict=True):
        assert plain.band is not None
        assert other.band is not None
        assert plain.band <= other.band <= plain.band + 1
    assert before.criteria[3] == after.criteria[3]
