"""Drills of free speech: longer answers, other words, retelling, the long turn of Part 2."""

import json
from functools import cache
from pathlib import Path

from app.services.conversation import bundled_bank, questions_that_elicit
from app.services.training_engine.drills.sentences import wording
from app.services.training_engine.drills.types import Drill
from app.services.training_engine.structures import Structure

RETELL_SECONDS = (90, 75, 60)
LONG_TURN_SECONDS = 120
EXPAND_WORDS = 30
PARAPHRASE_WORDS = 5


def expand(turn: int, structure: Structure | None = None) -> Drill:
    """Return the drill of answering a question at length; with a structure, one that calls for it."""
    questions = questions_that_elicit(bundled_bank(), structure)
    return Drill(
        **wording("expand"),
        text=questions[turn % len(questions)],
        min_words=EXPAND_WORDS,
        structure=structure,
    )


def paraphrase(turn: int) -> Drill:
    """Return the drill of saying something in other words."""
    sentences = _statements()
    text = sentences[turn % len(sentences)]
    return Drill(**wording("paraphrase"), text=text, min_words=PARAPHRASE_WORDS)


def retell(turn: int) -> Drill:
    """Return the drill of telling the same in less time, over three days (Nation's 4/3/2)."""
    cards = bundled_bank().part2
    seconds = RETELL_SECONDS[turn % len(RETELL_SECONDS)]
    card = cards[turn // len(RETELL_SECONDS) % len(cards)]
    return Drill(
        **wording("retell", seconds=seconds),
        text=card.topic,
        points=(*card.prompts, card.final_prompt),
        seconds=seconds,
    )


def long_turn(turn: int) -> Drill:
    """Return the rehearsal of a Part 2 card."""
    cards = bundled_bank().part2
    card = cards[turn % len(cards)]
    return Drill(
        **wording("long_turn"),
        text=card.topic,
        points=(*card.prompts, card.final_prompt),
        seconds=LONG_TURN_SECONDS,
    )


@cache
def _statements() -> tuple[str, ...]:
    path = Path(__file__).parents[1] / "data" / "statements.json"
    return tuple(json.loads(path.read_text(encoding="utf-8")))
