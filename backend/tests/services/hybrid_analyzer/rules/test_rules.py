"""Every declared rule keeps its word: it corrects its bad examples and leaves good ones alone."""

import re

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import DEFAULT_RULES, LanguageAnalyzer, Rule

ERRANT = re.compile(r"[MRU]:[A-Z]+(:[A-Z]+)?")
STRAIGHT_UZBEK_LETTER = re.compile(r"[oOgG]'")
QUOTED = re.compile(r"“[^”]*”")


def every(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.id for rule in rules]


BAD = [(r, e) for r in DEFAULT_RULES for e in r.bad]
GOOD = [(r, text) for r in DEFAULT_RULES for text in r.good]


@pytest.mark.parametrize(("rule", "example"), BAD, ids=[f"{r.id}:{e.wrong}" for r, e in BAD])
def test_a_mistake_is_found_and_corrected(parser: SpacyParser, rule: Rule, example: object) -> None:
    wrong, right = example.wrong, example.right  # type: ignore[attr-defined]
    (finding,) = LanguageAnalyzer(parser, [rule]).analyze("t", wrong).findings
    assert wrong[finding.char_start : finding.char_end] == finding.quote
    assert wrong[: finding.char_start] + finding.correction + wrong[finding.char_end :] == right


@pytest.mark.parametrize(("rule", "text"), GOOD, ids=[f"{r.id}:{t}" for r, t in GOOD])
def test_correct_english_is_left_alone(parser: SpacyParser, rule: Rule, text: str) -> None:
    assert LanguageAnalyzer(parser, [rule]).analyze("t", text).findings == ()


def test_corrections_are_left_alone_by_all_rules(parser: SpacyParser) -> None:
    analyzer = LanguageAnalyzer(parser)
    flagged = {e.right: [f.quote for f in analyzer.analyze("t", e.right).findings] for _, e in BAD}
    assert {right: quotes for right, quotes in flagged.items() if quotes} == {}


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=every(DEFAULT_RULES))
def test_a_rule_is_declared_in_full(rule: Rule) -> None:
    assert ERRANT.fullmatch(rule.category)
    assert 0.8 <= rule.confidence < 1
    assert len(rule.bad) >= 2
    assert len(rule.good) >= 2
    assert rule.explanation
    assert rule.explanation_uz
    assert not STRAIGHT_UZBEK_LETTER.search(QUOTED.sub("", rule.explanation_uz))


def test_rule_ids_are_unique() -> None:
    ids = every(DEFAULT_RULES)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("rule", "example"), BAD, ids=[f"{r.id}:{e.wrong}" for r, e in BAD])
def test_explanations_are_filled_in(parser: SpacyParser, rule: Rule, example: object) -> None:
    (finding,) = LanguageAnalyzer(parser, [rule]).analyze("t", example.wrong).findings  # type: ignore[attr-defined]
    assert "{" not in finding.explanation
    assert finding.explanation_uz is not None
    assert "{" not in finding.explanation_uz
