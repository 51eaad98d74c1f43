"""The tagger with its own weights, on the examples of the rules that listen to it and on hostile text."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters.edit_tagger import FOLDER, NETWORK, OnnxEditTagger
from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.hybrid_analyzer import VOTED_RULES, Finding, LanguageAnalyzer, Rule
from app.services.hybrid_analyzer.rules import Example
from tests.fakes.tagger import vote_on

MAX_BYTES = 25_000_000
BACKEND = Path(__file__).parents[3]
BAD = [(rule, example) for rule in VOTED_RULES for example in rule.bad]
GOOD = [(rule, text) for rule in VOTED_RULES for text in rule.good]


@pytest.fixture(scope="module")
def tagger() -> OnnxEditTagger:
    return OnnxEditTagger()


Find = Callable[[str], list[Finding]]


@pytest.fixture(scope="module")
def find(parser: SpacyParser, trigrams: PocketsphinxTrigrams, tagger: OnnxEditTagger) -> Find:
    analyzer = LanguageAnalyzer(parser, (), trigrams)

    def findings(text: str) -> list[Finding]:
        both = vote_on(analyzer, tagger, analyzer.analyze("t", text), text)
        return [*both.findings, *both.candidates]

    return findings


@pytest.mark.parametrize(("rule", "example"), BAD, ids=[f"{r.id}:{e.wrong}" for r, e in BAD])
def test_a_mistake_is_found_and_corrected(find: Find, rule: Rule, example: Example) -> None:
    (finding,) = find(example.wrong)
    assert finding.rule_id == rule.id
    mended = example.wrong[: finding.char_start] + finding.correction + example.wrong[finding.char_end :]
    assert mended == example.right


@pytest.mark.parametrize(("rule", "text"), GOOD, ids=[f"{r.id}:{t}" for r, t in GOOD])
def test_correct_english_is_left_alone(find: Find, rule: Rule, text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "words",
    [[], [""], ["😀"], ["плов", "שלום"], ["\x00", "\u202e", "\ud800"], ["a" * 100_000], ["nt"] * 5_000],
    ids=["none", "empty", "emoji", "scripts", "control", "endless word", "many"],
)
def test_any_words_are_read(tagger: OnnxEditTagger, words: list[str]) -> None:
    votes = tagger.votes(words)
    assert all(0 <= vote.token < len(words) for vote in votes)
    assert all(0 < vote.probability <= 1 for vote in votes)


def test_the_same_words_get_the_same_votes(tagger: OnnxEditTagger) -> None:
    words = ["she", "like", "nice", "place", "and", "two", "brother"]
    assert tagger.votes(words) == OnnxEditTagger().votes(words)


def test_the_weights_are_small_enough_for_the_repository() -> None:
    assert (FOLDER / NETWORK).stat().st_size <= MAX_BYTES


def test_missing_files_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="labels"):
        OnnxEditTagger(tmp_path)


def test_importing_the_tagger_loads_no_runtime() -> None:
    heavy = "{'onnxruntime', 'tokenizers'} & set(sys.modules)"
    code = f"import sys, app.adapters.edit_tagger; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=BACKEND, check=False).returncode == 0
