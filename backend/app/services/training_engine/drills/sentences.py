"""Drills of one sentence: correct it, fill its gap, change it, say it aloud."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.services.hybrid_analyzer import DEFAULT_RULES
from app.services.training_engine.cards import Card, Example
from app.services.training_engine.drills.types import Drill, DrillType, Target
from app.services.training_engine.drills.words import narrowed, normal_words, place_of, target_at
from app.services.training_engine.structures import Structure

GAP = "_____"
_DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, slots=True)
class _Transform:
    structure: Structure
    change: str
    change_uz: str
    text: str
    answers: tuple[str, ...]
    must: str
    never: tuple[str, ...]


def wording(drill: DrillType, **slots: object) -> dict[str, Any]:
    """Return the instruction of a type of drill in both languages."""
    row = _wordings()[drill]
    return {
        "type": drill,
        "instruction": row["text"].format(**slots),
        "instruction_uz": row["text_uz"].format(**slots),
    }


@cache
def _wordings() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads((_DATA / "drills.json").read_text(encoding="utf-8"))
    return found


@cache
def transforms(structure: Structure | None) -> tuple[_Transform, ...]:
    """Return the changes of sentences that train a structure."""
    rows = json.loads((_DATA / "transforms.json").read_text(encoding="utf-8"))
    return tuple(
        _Transform(**{**row, "answers": tuple(row["answers"]), "never": tuple(row["never"])})
        for row in rows
        if row["structure"] == structure
    )


@cache
def _book() -> Mapping[str, tuple[Example, ...]]:
    return {rule.id: tuple(_printed(e.wrong, e.right) for e in rule.bad) for rule in DEFAULT_RULES}


def _printed(wrong: str, right: str) -> Example:
    """Return an example of the rule book, with the words that differ as its quote and correction."""
    said, better = wrong.split(" "), right.split(" ")
    head = 0
    while head < min(len(said), len(better)) and said[head] == better[head]:
        head += 1
    tail = 0
    while tail < min(len(said), len(better)) - head and said[-1 - tail] == better[-1 - tail]:
        tail += 1
    at = len(" ".join(said[:head])) + (head > 0)
    return Example(
        wrong,
        right,
        " ".join(said[head : len(said) - tail]),
        " ".join(better[head : len(better) - tail]),
        at,
        at,
    )


def sentences_of(card: Card) -> tuple[Example, ...]:
    """Return the learner's own sentences, then those of the rule book."""
    return (*card.material.examples, *_book().get(card.target, ()))


def with_gap(examples: Sequence[Example]) -> tuple[Example, ...]:
    """Return those whose correction is a word or more, so that it can be left out."""
    return tuple(e for e in examples if right_target(e).core)


def right_target(example: Example) -> Target:
    """Return what a correct sentence must hold."""
    right, wrong = _targets(example)
    return narrowed(right, wrong)


def wrong_targets(example: Example) -> tuple[Target, ...]:
    """Return what was said instead; nothing where a correct sentence may hold it at another place."""
    right, wrong = _targets(example)
    said_instead = narrowed(wrong, right)
    also_right = place_of(normal_words(example.better), said_instead) is not None
    return () if also_right else (said_instead,)


def _targets(example: Example) -> tuple[Target, Target]:
    return (
        target_at(example.better, example.better_at, len(example.correction)),
        target_at(example.said, example.said_at, len(example.quote)),
    )


def correct(example: Example) -> Drill:
    """Return the drill of correcting a sentence."""
    return Drill(
        **wording("correct"),
        text=example.said,
        expected=(example.better,),
        right=(right_target(example),),
        wrong=wrong_targets(example),
    )


def gap(example: Example) -> Drill:
    """Return the drill of saying a correct sentence in which the correction is left out."""
    end = example.better_at + len(example.correction)
    return Drill(
        **wording("gap"),
        text=f"{example.better[: example.better_at]}{GAP}{example.better[end:]}",
        hint=example.quote,
        expected=(example.better, example.correction),
        right=(right_target(example),),
        wrong=wrong_targets(example),
    )


def transform(change: _Transform) -> Drill:
    """Return the drill of changing a sentence."""
    return Drill(
        **wording("transform", change=change.change, change_uz=change.change_uz),
        text=change.text,
        expected=change.answers,
        right=(Target(normal_words(change.must)),),
        wrong=tuple(Target(normal_words(words)) for words in change.never),
        structure=change.structure,
    )


def shadow(text: str, focus: tuple[str, ...] = ()) -> Drill:
    """Return the drill of saying a known text; `focus` are the words that matter."""
    return Drill(**wording("shadow"), text=text, expected=(text,), focus=focus)


def minimal_pairs(pairs: Sequence[tuple[str, str]]) -> Drill:
    """Return the drill of saying words that one sound tells apart; the first of each pair matters."""
    text = ", ".join(word for pair in pairs for word in pair)
    return Drill(
        **wording("minimal_pairs"), text=text, expected=(text,), focus=tuple(pair[0] for pair in pairs)
    )
