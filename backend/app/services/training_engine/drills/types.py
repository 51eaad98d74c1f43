"""A drill: what the learner is asked to do, and what a right answer must hold."""

from dataclasses import dataclass
from typing import Literal

from app.services.training_engine.structures import Structure

DrillType = Literal[
    "correct",
    "shadow",
    "minimal_pairs",
    "gap",
    "transform",
    "expand",
    "paraphrase",
    "retell",
    "long_turn",
]

SPOKEN_ONLY: frozenset[DrillType] = frozenset({"shadow", "minimal_pairs", "retell", "long_turn"})
"""Drills of how something is said; a written answer to them says nothing."""

READ_ALOUD: frozenset[DrillType] = frozenset({"shadow", "minimal_pairs"})
"""Drills whose text is known: they are scored by word and phone."""


class DrillNotPossible(ValueError):
    """The card has no drill of the type that was asked for."""


@dataclass(frozen=True, slots=True)
class Target:
    """A run of words, in the form of `normal_words`, with the words beside it ('' at the edge).

    Without `core` (a word too many was left out) it is the two neighbours side by side; without neighbours it
    may stand anywhere.
    """

    core: tuple[str, ...]
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """One exercise of a card.

    `text` is shown. `expected` are the right answers in full, `right` what one of them must hold of the
    target and `wrong` what must not be said; empty where any answer of one's own will do. `focus` are the
    words of a reading that the card is about, all of them where it is empty. `points` are a cue card's.
    `seconds` is how long to speak, `min_words` how much to say.
    """

    type: DrillType
    instruction: str
    instruction_uz: str
    text: str
    hint: str = ""
    expected: tuple[str, ...] = ()
    right: tuple[Target, ...] = ()
    wrong: tuple[Target, ...] = ()
    focus: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    seconds: int | None = None
    min_words: int = 0
    structure: Structure | None = None

    @property
    def spoken_only(self) -> bool:
        """Whether only sound answers it."""
        return self.type in SPOKEN_ONLY
