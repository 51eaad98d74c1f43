"""Cards: one per learner and rule, sound habit or skill, with the learner's own sentences as material."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

import msgspec

from app.services.hybrid_analyzer import Criterion
from app.services.training_engine.memory import Memory, Scheduler

CardKind = Literal["rule", "sound", "skill"]
CardStatus = Literal["active", "suspended"]

MAX_EXAMPLES = 6
"""Sentences kept on a card; the newest push out the oldest."""

FIXED_DAYS = 21
"""A card that was right and may rest this long is fixed (what Anki calls mature)."""

DEFAULT_WEIGHT = 1.0


class DamagedCard(ValueError):
    """A stored card's material cannot be read."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of the learner's with its correction, or a word with the sound it lacked.

    `said` and `better` are whole sentences, `quote` and `correction` the stretch that differs; it begins at
    the character `said_at` of the one and `better_at` of the other. For a sound `better` is the word, `quote`
    what was heard and `correction` the sound that belongs there.
    """

    said: str
    better: str
    quote: str
    correction: str
    said_at: int = 0
    better_at: int = 0
    session_id: str | None = None
    finding_id: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What drills are made of. `category` is an ERRANT type, '' where there is none."""

    title: str
    explanation: str
    explanation_uz: str | None = None
    category: str = ""
    examples: tuple[Example, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` made. Raises DamagedCard."""
        try:
            return msgspec.convert(data, cls)
        except msgspec.ValidationError as damage:
            raise DamagedCard(str(damage)) from damage

    def joined(self, newer: "Material") -> "Material":
        """Return the newer wording with the examples of both, the newest first and none twice."""
        seen: dict[tuple[str, str], Example] = {}
        for example in (*newer.examples, *self.examples):
            seen.setdefault((example.said, example.better), example)
        return replace(newer, examples=tuple(seen.values())[:MAX_EXAMPLES], pairs=newer.pairs or self.pairs)


@dataclass(frozen=True, slots=True)
class Card:
    """What a learner has to get right, and when.

    `target` is the rule, sound rule or skill; `due` the learner's day from which it may be drilled; `reviews`
    how often it was reviewed; `weight` how much it matters among cards of the same day; `errors` how often
    the mistake was heard in exams, `relapses` how often it came back after it had been drilled.
    """

    id: UUID
    user_id: UUID
    target: str
    kind: CardKind
    criterion: Criterion
    status: CardStatus
    material: Material
    memory: Memory
    due: date
    reviews: int = 0
    weight: float = DEFAULT_WEIGHT
    errors: int = 0
    relapses: int = 0
    last_error_at: datetime | None = None

    @property
    def fixed(self) -> bool:
        """Whether it was right and may rest for long."""
        return self.memory.repetitions > 0 and self.memory.interval_days >= FIXED_DAYS

    @property
    def state(self) -> Literal["new", "learning", "fixed", "relapsed"]:
        """How far the learner is with it. `relapsed`: it was drilled, came back, and is not fixed again."""
        if self.fixed:
            return "fixed"
        if self.relapses:
            return "relapsed"
        return "learning" if self.reviews else "new"


@dataclass(frozen=True, slots=True)
class Weakness:
    """What one session showed of a rule, a sound habit or a skill; `count` is how often."""

    target: str
    kind: CardKind
    criterion: Criterion
    material: Material
    count: int = 1
    weight: float = DEFAULT_WEIGHT


def new_card(
    card_id: UUID, user_id: UUID, weakness: Weakness, *, scheduler: Scheduler, day: date, at: datetime
) -> Card:
    """Return the card of a mistake that was heard for the first time; it may be drilled the same day."""
    return Card(
        id=card_id,
        user_id=user_id,
        target=weakness.target,
        kind=weakness.kind,
        criterion=weakness.criterion,
        status="active",
        material=weakness.material,
        memory=scheduler.new(),
        due=day,
        weight=weakness.weight,
        errors=weakness.count,
        last_error_at=at,
    )


def heard_again(card: Card, weakness: Weakness, *, at: datetime) -> Card:
    """Return the card with what a further session showed; its schedule is left as it is.

    A skill is no mistake: it gets material, and never relapses.
    """
    relapsed = card.reviews > 0 and card.kind != "skill"
    return replace(
        card,
        material=card.material.joined(weakness.material),
        weight=max(card.weight, weakness.weight),
        errors=card.errors + weakness.count,
        relapses=card.relapses + relapsed,
        last_error_at=at,
    )
