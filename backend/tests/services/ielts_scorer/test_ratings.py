"""Experts' ratings move a band a little, and nothing by themselves."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.ielts_scorer import CriterionResult, Measure, Sample, score, smallest_changes
from app.services.ielts_scorer.scales import scales

worth = st.floats(1, 9)
out_of_100 = st.floats(0, 100)


def sample(clarity: float, chunking: float | None, *ratings: float) -> Sample:
    values = {name: scales()[name].at(clarity) for name in ("unclear_share", "median_probability")}
    if chunking is not None:
        values |= {
            name: scales()[name].at(chunking) for name in ("mid_clause_pause_ratio", "mean_length_run")
        }
    values |= dict(zip(("rated_accuracy", "rated_pronunciation"), ratings, strict=False))
    return Sample(600, 300_000, {name: Measure(value) for name, value in values.items()})


def pronunciation(of: Sample) -> CriterionResult:
    [result] = [c for c in score(of).criteria if c.criterion == "pronunciation"]
    return result


def width(result: CriterionResult) -> float:
    assert result.interval is not None
    return float(result.interval.high - result.interval.low)


@settings(deadline=None, max_examples=300)
@given(worth, st.none() | worth, out_of_100, out_of_100)
def test_ratings_move_the_band_a_little(
    clarity: float, chunking: float | None, accuracy: float, total: float
) -> None:
    without = pronunciation(sample(clarity, chunking)).band
    rated = pronunciation(sample(clarity, chunking, accuracy, total)).band
    assert without is not None
    assert rated is not None
    assert -1 <= rated - without <= 1.5


@settings(deadline=None)
@given(worth, out_of_100, out_of_100)
def test_ratings_decide_no_feature_that_nothing_else_decides(
    clarity: float, accuracy: float, total: float
) -> None:
    def undecided(of: Sample) -> set[str]:
        return {f.id for f in pronunciation(of).features if f.state == "no_evidence"}

    assert undecided(sample(clarity, None)) == undecided(sample(clarity, None, accuracy, total))


def test_a_clear_voice_that_experts_would_rate_low_gets_less() -> None:
    clear = pronunciation(sample(8.5, 7))
    rated = pronunciation(sample(8.5, 7, 60, 55))
    assert clear.band is not None
    assert rated.band is not None
    assert rated.band < clear.band
    assert width(rated) >= width(clear)
    assert "a model of experts' ratings puts your pronunciation at 55 of 100" in rated.explanation
    assert any(("rated_accuracy", 60) in f.measures for f in rated.features)


def test_nobody_is_advised_to_be_rated_better() -> None:
    ways = smallest_changes("pronunciation", sample(5, 5, 60, 55))
    assert ways
    assert not any(name.startswith("rated") for way in ways for c in way.changes for name, _, _ in c.values)


def test_a_step_that_is_only_partly_judged_is_not_called_complete() -> None:
    clear = pronunciation(sample(9.0, 9.0))
    assert clear.band is not None
    assert clear.band < 9
    assert "all of what leads to band" in clear.explanation
    assert "100 %" not in clear.explanation
