"""What was measured moves a rule's confidence, and a rule that proved wrong stays silent."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import DEFAULT_RULES, LanguageAnalyzer
from app.services.hybrid_analyzer.rules.measured import Measured, read_measured, with_measured_confidence

RULE = next(r for r in DEFAULT_RULES if r.id == "AGR-HE-SHE-IT")


def test_confidence_is_weighed_by_what_was_read() -> None:
    rule = replace(RULE, confidence=0.9)
    (moved,) = with_measured_confidence([rule], {rule.id: Measured(flags=12, right=6)})
    assert moved.confidence == pytest.approx((6 + 8 * 0.9) / 20)
    assert with_measured_confidence([rule], {}) == (rule,)


def test_a_rule_below_the_floor_says_nothing_alone(parser: SpacyParser) -> None:
    text = "She don't like it."
    assert LanguageAnalyzer(parser, [RULE]).analyze("t", text).findings
    (weak,) = with_measured_confidence([RULE], {RULE.id: Measured(flags=20, right=12)})
    assert weak.confidence < 0.8
    assert LanguageAnalyzer(parser, [weak]).analyze("t", text).findings == ()


def test_counts_that_cannot_be_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "measured.json"
    file.write_text('{"A": {"flags": 2, "right": 3}}')
    with pytest.raises(ValueError, match="3 right of 2"):
        read_measured(file)
