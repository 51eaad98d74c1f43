"""Every declared rule keeps its word: it corrects its bad examples and leaves good ones alone."""

import re
from collections.abc import Callable, Sequence

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.hybrid_analyzer import DEFAULT_RULES, Finding, LanguageAnalyzer, Rule
from app.services.hybrid_analyzer.rules.measured import MIN_ALONE

ERRANT = re.compile(r"[MRU]:[A-Z]+(:[A-Z]+)?")
STRAIGHT_UZBEK_LETTER = re.compile(r"[oOgG]'")
QUOTED = re.compile(r"“[^”]*”")


Find = Callable[[str, Sequence[Rule]], tuple[Finding, ...]]


@pytest.fixture(scope="session")
def find(parser: SpacyParser, trigrams: PocketsphinxTrigrams) -> Find:
    def findings(text: str, rules: Sequence[Rule]) -> tuple[Finding, ...]:
        analysis = LanguageAnalyzer(parser, rules, trigrams).analyze("t", text)
        return (*analysis.findings, *analysis.candidates)

    return findings


def every(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.id for rule in rules]


BAD = [(r, e) for r in DEFAULT_RULES for e in r.bad]
GOOD = [(r, text) for r in DEFAULT_RULES for text in r.good]


@pytest.mark.parametrize(("rule", "example"), BAD, ids=[f"{r.id}:{e.wrong}" for r, e in BAD])
def test_a_mistake_is_found_and_corrected(find: Find, rule: Rule, example: object) -> None:
    wrong, right = example.wrong, example.right  # type: ignore[attr-defined]
    (finding,) = find(wrong, [rule])
    assert wrong[finding.char_start : finding.char_end] == finding.quote
    assert wrong[: finding.char_start] + finding.correction + wrong[finding.char_end :] == right


@pytest.mark.parametrize(("rule", "text"), GOOD, ids=[f"{r.id}:{t}" for r, t in GOOD])
def test_correct_english_is_left_alone(find: Find, rule: Rule, text: str) -> None:
    assert find(text, [rule]) == ()


def test_corrections_are_left_alone_by_all_rules_that_stand_alone(find: Find) -> None:
    alone = [r for r in DEFAULT_RULES if r.confidence >= MIN_ALONE]
    flagged = {e.right: [f.quote for f in find(e.right, alone)] for _, e in BAD}
    assert {right: quotes for right, quotes in flagged.items() if quotes} == {}


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=every(DEFAULT_RULES))
def test_a_rule_is_declared_in_full(rule: Rule) -> None:
    assert ERRANT.fullmatch(rule.category)
    assert 0.5 <= rule.confidence < 1
    assert len(rule.bad) >= 2
    assert len(rule.good) >= 2
    assert rule.explanation
    assert rule.explanation_uz
    assert not STRAIGHT_UZBEK_LETTER.search(QUOTED.sub("", rule.explanation_uz))


def test_rule_ids_are_unique() -> None:
    ids = every(DEFAULT_RULES)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("rule", "example"), BAD, ids=[f"{r.id}:{e.wrong}" for r, e in BAD])
def test_explanations_are_filled_in(find: Find, rule: Rule, example: object) -> None:
    (finding,) = find(example.wrong, [rule])  # type: ignore[attr-defined]
    assert "{" not in finding.explanation
    assert finding.explanation_uz is not None
    assert "{" not in finding.explanation_uz
