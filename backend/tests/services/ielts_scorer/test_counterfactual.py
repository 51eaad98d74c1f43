"""The smallest changes raise the band when the test is scored again, and nothing smaller does."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer import CRITERIA, Measure, Sample, error_density, score, smallest_changes
from app.services.ielts_scorer.counterfactual import STEP
from app.services.ielts_scorer.scales import bundles, scales

WORDS = 600


def sample_of(bands: dict[str, float]) -> Sample:
    """A test in which each bundle of measures is worth the given band."""
    measured = {
        name: Measure(scale.at(bands[scale.bundle]))
        for name, scale in scales().items()
        if scale.bundle in bands
    }
    return Sample(WORDS, 300_000, measured)


def band_of(criterion: Criterion, sample: Sample) -> float:
    [result] = [c for c in score(sample).criteria if c.criterion == criterion]
    assert result.band is not None
    return float(result.band)


def moved(sample: Sample, values: tuple[tuple[str, float, float], ...]) -> Sample:
    changed = {name: replace(sample.measures[name], value=then) for name, _, then in values}
    return replace(sample, measures={**sample.measures, **changed})


worth = st.floats(2, 9).map(lambda band: round(band, 2))


@settings(deadline=None, max_examples=40)
@given(bands=st.fixed_dictionaries(dict.fromkeys(bundles(), worth)))
def test_a_change_raises_the_band_and_half_of_it_does_not(bands: dict[str, float]) -> None:
    sample = sample_of(bands)
    for criterion in CRITERIA:
        now = band_of(criterion, sample)
        ways = smallest_changes(criterion, sample)
        assert len(ways) <= 3
        for way in ways:
            values = tuple(value for change in way.changes for value in change.values)
            assert band_of(criterion, moved(sample, values)) == float(way.band) > now
            for name, before, after in values:
                assert scales()[name].to_band(after) >= scales()[name].to_band(before)
            if len(way.changes) == 1 and way.changes[0].effort > STEP:
                [change] = way.changes
                smaller = tuple(
                    (name, a, scales()[name].at(scales()[name].to_band(a) + change.effort - STEP))
                    for name, a, _ in change.values
                )
                assert band_of(criterion, moved(sample, smaller)) <= now


def test_several_single_changes_come_smallest_first() -> None:
    near = sample_of(dict.fromkeys(bundles(), 5.7))
    efforts = [way.changes[0].effort for way in smallest_changes("fluency_coherence", near)]
    assert efforts == sorted(efforts)


def test_fewer_errors_raise_a_band_that_errors_hold_down() -> None:
    density = error_density(30, WORDS)
    assert density is not None
    errors = Measure(density.estimate, low=density.low, high=density.high, count=30)
    clean = sample_of(dict.fromkeys(bundles(), 6.0))
    held = replace(clean, measures={**clean.measures, "errors_per_100w": errors})
    assert band_of("grammatical_range_accuracy", held) < band_of("grammatical_range_accuracy", clean)
    ways = smallest_changes("grammatical_range_accuracy", held)
    [fixed] = [c for way in ways for c in way.changes if c.bundle == "errors_per_100w"]
    [(_, had, left)] = fixed.values
    assert had == 30
    assert 0 <= left < 30


@pytest.mark.parametrize("criterion", CRITERIA)
def test_nothing_is_offered_where_nothing_is_known_or_nothing_is_left(criterion: Criterion) -> None:
    assert smallest_changes(criterion, Sample(WORDS, 300_000)) == ()
    top = sample_of(dict.fromkeys(bundles(), 9.0))
    assert smallest_changes(criterion, top) == ()
