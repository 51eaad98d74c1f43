from dataclasses import dataclass
from decimal import Decimal

import pytest

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer import CRITERIA
from app.services.ielts_scorer.descriptors import Feature, features_of
from app.services.ielts_scorer.ladder import climb, step_above, step_to


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    band: int
    polarity: str
    state: str
    essential: bool = False


def ledger(criterion: Criterion, decide: object) -> list[Entry]:
    return [Entry(f.id, f.band, f.polarity, decide(f), f.essential) for f in features_of(criterion)]  # type: ignore[operator]


def at_level(level: float) -> object:
    """Decide every feature as the ledger would for a speaker who is everywhere at `level`."""

    def state(feature: Feature) -> str:
        if feature.polarity == "positive":
            step, bar = step_to(feature.criterion, feature.band), feature.band - 0.25
        else:
            step = step_above(feature.criterion, feature.band)
            bar = feature.band + step - 0.25
        if level >= bar:
            return "met" if feature.polarity == "positive" else "not_met"
        if level >= bar - step / 2:
            return "partly"
        return "not_met" if feature.polarity == "positive" else "met"

    return state


@pytest.mark.parametrize("criterion", [c for c in CRITERIA if c != "pronunciation"])
@pytest.mark.parametrize(
    ("level", "band"),
    [
        (3.0, "3.0"),
        (4.0, "4.0"),
        (5.1, "5.0"),
        (5.4, "5.5"),
        (6.0, "6.0"),
        (6.6, "6.5"),
        (7.0, "7.0"),
        (9.0, "9.0"),
    ],
)
def test_an_even_speaker_gets_the_band_they_are_at(criterion: Criterion, level: float, band: str) -> None:
    climbed = climb(criterion, ledger(criterion, at_level(level)))
    assert climbed is not None
    assert climbed.band == Decimal(band)


@pytest.mark.parametrize(("level", "band"), [(2.0, 2), (4.0, 4), (5.0, 5), (6.0, 6), (7.0, 7), (8.0, 8)])
def test_pronunciation_has_odd_bands_by_some_but_not_all(level: float, band: int) -> None:
    climbed = climb("pronunciation", ledger("pronunciation", at_level(level)))
    assert climbed is not None
    assert climbed.band == band


@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_evidence_no_band(criterion: Criterion) -> None:
    assert climb(criterion, ledger(criterion, lambda feature: "no_evidence")) is None


@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_evidence_never_counts_as_met(criterion: Criterion) -> None:
    """Whoever has evidence up to band 6 only stays there, whatever is undecided above."""

    def decide(feature: Feature) -> str:
        if feature.band > 6 or (feature.polarity == "limiting" and feature.band == 6):
            return "no_evidence"
        return "met" if feature.polarity == "positive" else "not_met"

    climbed = climb(criterion, ledger(criterion, decide))
    assert climbed is not None
    assert climbed.band == 6


def test_an_essential_feature_without_evidence_holds_the_step() -> None:
    def decide(feature: Feature) -> str:
        if feature.essential:
            return "no_evidence"
        return "met" if feature.polarity == "positive" else "not_met"

    climbed = climb("grammatical_range_accuracy", ledger("grammatical_range_accuracy", decide))
    assert climbed is not None
    assert (climbed.band, climbed.next_band) == (Decimal("7.5"), 8)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_better_feature_never_lowers_the_band(criterion: Criterion) -> None:
    base = ledger(criterion, at_level(5.4))
    start = climb(criterion, base)
    assert start is not None
    for index, entry in enumerate(base):
        better = Entry(
            entry.id,
            entry.band,
            entry.polarity,
            "met" if entry.polarity == "positive" else "not_met",
            entry.essential,
        )
        improved = climb(criterion, [*base[:index], better, *base[index + 1 :]])
        assert improved is not None
        assert improved.band >= start.band
