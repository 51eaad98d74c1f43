"""The rubric and the scales fit together."""

import re
from dataclasses import fields

from app.services.ielts_scorer import CRITERIA
from app.services.ielts_scorer.descriptors import features_of
from app.services.ielts_scorer.scales import bundles, scales
from app.services.ielts_scorer.wording import ENGLISH, Wording
from app.services.ielts_scorer.wording_uz import UZBEK

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


def test_every_feature_is_said_in_both_languages() -> None:
    for criterion in CRITERIA:
        features = features_of(criterion)
        assert all(f.text and f.text_uz and f.text != f.text_uz for f in features)
        assert len({f.text_uz for f in features}) == len(features)


def _slots(sentence: str) -> set[str]:
    return set(re.findall(r"\{\w+(?::\.\df)?\}", sentence))


def test_both_languages_fill_in_the_same() -> None:
    for part in fields(Wording):
        english, uzbek = getattr(ENGLISH, part.name), getattr(UZBEK, part.name)
        if isinstance(english, str):
            assert _slots(english) == _slots(uzbek), part.name
        else:
            assert {k: _slots(v) for k, v in english.items()} == {k: _slots(v) for k, v in uzbek.items()}


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
