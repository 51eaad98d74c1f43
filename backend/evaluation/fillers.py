"""`--mode evaluate fillers`: how right the filled pauses are that the analysis finds in transcribed speech.

--data FILE.jsonl holds rows {id, words, fillers}: a turn's words as transcribed, and the indices of those
that a person marked as fillers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from app.analysis_models import load_turn_analyzer
from app.services.analysis_coordinator import TurnAnalyzer
from evaluation.data_command import DataCommand
from evaluation.grammar import as_turn
from evaluation.rows import BadRows, read_objects
from evaluation.scoring import ratio

_COMMONEST = 20


@dataclass(frozen=True, slots=True)
class MarkedTurn:
    """A turn's words, and which of them are fillers by a person's judgement."""

    id: str
    words: tuple[str, ...]
    fillers: frozenset[int]


def read_turns(path: Path) -> Iterator[MarkedTurn]:
    """Read {id, words, fillers} rows. Raises OSError, UnicodeDecodeError or BadRows."""
    for number, row in read_objects(path):
        words, fillers = row.get("words"), row.get("fillers")
        if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
            raise BadRows(f"line {number} of {path}: `words` is no list of words")
        if not isinstance(fillers, list) or not all(type(i) is int and 0 <= i < len(words) for i in fillers):
            raise BadRows(f"line {number} of {path}: `fillers` is no list of indices into `words`")
        yield MarkedTurn(str(row.get("id", number)), tuple(words), frozenset(fillers))


def found_fillers(analyzer: TurnAnalyzer, turn: MarkedTurn) -> frozenset[int]:
    """Return the indices of the words that the product's analysis takes for filled pauses."""
    ends = list(accumulate(len(word) + 1 for word in turn.words))
    gaps = [
        d
        for d in analyzer.analyze(as_turn(turn.id, " ".join(turn.words)), b"").language.disfluencies
        if d.kind == "filler"
    ]
    return frozenset(
        index
        for index, (word, end) in enumerate(zip(turn.words, ends, strict=True))
        if any(gap.start < end - 1 and gap.end > end - 1 - len(word) for gap in gaps)
    )


def score(analyzer: TurnAnalyzer, turns: Iterable[MarkedTurn]) -> dict[str, Any]:
    """Return {n, gold, found, precision, recall} over all turns, and what is missed or wrong most often."""
    n = gold = found = right = 0
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for turn in turns:
        marked = found_fillers(analyzer, turn)
        n += 1
        gold += len(turn.fillers)
        found += len(marked)
        right += len(marked & turn.fillers)
        missed.update(turn.words[i].lower() for i in turn.fillers - marked)
        wrong.update(turn.words[i].lower() for i in marked - turn.fillers)
    return {
        "n": n,
        "gold": gold,
        "found": found,
        "precision": ratio(right, found),
        "recall": ratio(right, gold),
        "missed": dict(missed.most_common(_COMMONEST)),
        "wrong": dict(wrong.most_common(_COMMONEST)),
    }


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    return DataCommand(
        name="fillers",
        about=__doc__,
        metavar="FILE.jsonl",
        rows="marked turns",
        evaluate=_evaluate,
        refused=(OSError, UnicodeDecodeError, BadRows),
    ).run(argv)


def _evaluate(path: Path) -> dict[str, Any]:
    turns = list(read_turns(path))
    return score(load_turn_analyzer(), turns)
