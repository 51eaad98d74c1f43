"""The rubric and the scales fit together."""

from app.services.ielts_scorer import CRITERIA
from app.services.ielts_scorer.descriptors import features_of
from app.services.ielts_scorer.scales import bundles, scales

COUNTS = {"recurring_errors"}


def test_every_feature_is_decided_by_what_exists() -> None:
    known = {*scales(), *COUNTS}
    for criterion in CRITERIA:
        features = features_of(criterion)
        assert len({f.id for f in features}) == len(features)
        for feature in features:
            assert set(feature.measures) <= known
            assert set(feature.at_least) <= known
            assert not (feature.measures and feature.at_least)


def test_scales_rise_or_fall_throughout() -> None:
    for scale in scales().values():
        bands = [band for band, _ in scale.points]
        values = [value for _, value in scale.points]
        assert bands == sorted(set(bands))
        assert values in (sorted(set(values)), sorted(set(values), reverse=True))
        assert all(abs(scale.to_band(v) - b) < 1e-9 for b, v in scale.points)
        assert scale.to_band(-1e9) in {bands[0], bands[-1]}


def test_bundles_speak_for_criteria() -> None:
    assert set(bundles().values()) == set(CRITERIA)
    assert set(bundles()) <= {s.bundle for s in scales().values()}
