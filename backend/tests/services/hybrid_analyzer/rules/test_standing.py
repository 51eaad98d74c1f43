"""A rule falls by what many learners say, never by one of them, and not because many people use it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.hybrid_analyzer import (
    DEFAULT_RULES,
    MEASURED,
    Declared,
    Disputes,
    Measured,
    declared_rules,
    standings,
)
from app.services.hybrid_analyzer.rules.measured import with_measured_confidence
from app.services.hybrid_analyzer.rules.standing import MIN_DISPUTING_LEARNERS, standing

RULE = next(r for r in DEFAULT_RULES if r.id == "AGR-HE-SHE-IT")


def rule(confidence: float, flags: int = 0, right: int = 0) -> Declared:
    read = Measured(flags, right)
    (moved,) = with_measured_confidence([replace(RULE, confidence=confidence)], {RULE.id: read})
    (declared,) = declared_rules([moved], {RULE.id: read})
    return declared


def disputes(shown: int, disputing: int) -> Disputes:
    return Disputes(RULE.id, RULE.version, shown, disputing)


def test_the_formula() -> None:
    declared = rule(0.9, flags=12, right=10)
    stands = standing(declared, disputes(shown=50, disputing=5))
    right = 10 + 8 * 0.9 + 0.2 * 45
    assert stands.precision == pytest.approx(right / (12 + 8 + 0.2 * 45 + 5), abs=1e-3)
    assert (stands.state, stands.floor) == ("off", 0.8)


def test_without_disputes_a_rule_stands_as_measured() -> None:
    for each in standings(declared_rules(DEFAULT_RULES, MEASURED), []):
        confidence = next(r.confidence for r in DEFAULT_RULES if r.id == each.rule_id)
        assert each.precision == pytest.approx(confidence, abs=1e-3)
        assert each.state == ("active" if confidence >= 0.8 else "gated")


@given(confidence=st.floats(0.8, 0.99), flags=st.integers(0, 100), shown=st.integers(1, 10_000))
def test_two_hostile_learners_switch_nothing_off(confidence: float, flags: int, shown: int) -> None:
    declared = rule(confidence, flags, flags)
    told = disputes(max(2, shown), MIN_DISPUTING_LEARNERS - 1)
    assert standing(declared, told).state == "active"


def test_a_used_rule_is_not_felled_by_few() -> None:
    declared = rule(0.9, flags=20, right=19)
    assert standing(declared, disputes(shown=10_000, disputing=200)).state == "active"
    assert standing(declared, disputes(shown=10_000, disputing=2_000)).state == "off"


def test_a_rule_that_only_suspects_has_a_lower_floor() -> None:
    declared = rule(0.7)
    stands = standing(declared, disputes(shown=3, disputing=3))
    assert (stands.state, stands.floor) == ("gated", 0.5)
    assert standing(declared, disputes(shown=8, disputing=8)).state == "off"


@given(
    confidence=st.floats(0.5, 0.99),
    flags=st.integers(0, 60),
    silent=st.integers(0, 300),
    disputing=st.integers(0, 300),
)
def test_disputes_only_lower_and_silence_only_helps(
    confidence: float, flags: int, silent: int, disputing: int
) -> None:
    declared = rule(confidence, flags, flags)

    def precision(silent: int, disputing: int) -> float:
        return standing(declared, disputes(silent + disputing, disputing)).precision

    here = precision(silent, disputing)
    assert 0 <= here <= 1
    assert precision(silent, disputing + 1) <= here
    assert precision(silent + 1, disputing) >= here


def test_what_was_said_about_an_older_version_no_longer_counts() -> None:
    fixed = replace(RULE, version=2)
    (stands,) = standings(declared_rules([fixed], {}), [disputes(shown=50, disputing=50)])
    assert (stands.state, stands.learners_disputing) == ("active", 0)


def test_findings_that_were_erased_since_cost_nothing() -> None:
    declared = rule(0.9)
    assert standing(declared, disputes(shown=0, disputing=4)).precision >= 0
