"""Which items an exam will use.

The choice is a function of the bank, the mode, a seed and what the learner has met before, so that any exam
can be planned again exactly.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Self, TypeVar

import msgspec

from app.services.conversation.bank_items import FrameRole, Part1Set, Part2Card, QuestionBank
from app.services.conversation.elicits import Elicited, elicited
from app.services.conversation.exam_types import Mode

ItemT = TypeVar("ItemT", Part1Set, Part2Card)

Preference = Callable[[Part1Set | Part2Card], tuple[bool, int, int, bytes]]
"""A sort key: what comes first is asked first."""


SHARED_ITEMS = 256


class PlanInvalid(ValueError):
    """The data is not an exam plan of this version."""


class BankTooSmall(ValueError):
    """The bank has no combination of items that an exam of this mode needs."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One Part 1 topic and how many of its questions may be asked.

    With `study` and `work` the frame opens with "Do you work, or are you a student?"; `topic` is then what
    remains when the reply is neither.
    """

    topic: Part1Set
    questions: int
    study: Part1Set | None = None
    work: Part1Set | None = None


@dataclass(frozen=True, slots=True)
class PracticeItem:
    """One question of a practice, or with `talk` the topic of the plan's card.

    `item_id` is that of its set or card; `intro` leads over to it from another topic.
    """

    id: str
    item_id: str
    part: Literal[1, 2, 3]
    text: str
    talk: bool = False
    intro: str | None = None


@dataclass(frozen=True, slots=True)
class Focus:
    """A rule that the learner has not fixed, and the grammar that questions should call for."""

    rule_id: str
    structure: Elicited


@dataclass(frozen=True, slots=True)
class ExamPlan:
    """The items of one exam.

    `reserve` is a fourth topic for a learner who is through with the others too early. `card` carries the
    Part 3 questions too; `questions_a_theme` limits how many of each sub-theme are asked (None: as time
    allows). `follow_ups` allows the scripted "Why?" and the Part 3 probes. `practice` is what a practice
    asks, in order; empty in an exam. `focus` are the learner's open rules by which items were preferred: the
    same number and kind of questions as ever, on topics that call for them.
    """

    mode: Mode
    seed: int
    frames: tuple[Frame, ...] = ()
    reserve: Frame | None = None
    card: Part2Card | None = None
    rounding_off: int = 2
    questions_a_theme: int | None = None
    follow_ups: bool = True
    practice: tuple[PracticeItem, ...] = ()
    focus: tuple[Focus, ...] = ()

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Ids of every set and card that may be used, for keeping track of exposure."""
        sets = [s for f in (*self.frames, self.reserve) if f for s in (f.topic, f.study, f.work) if s]
        practised = dict.fromkeys(item.item_id for item in self.practice)
        card = (self.card.id,) if self.card and self.card.id not in practised else ()
        return (*(s.id for s in sets), *practised, *card)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON-able data."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a plan from `to_dict`; plans of the same items share them. Raises PlanInvalid."""
        try:
            plan = msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            raise PlanInvalid(f"This is not an exam plan: {error}") from error
        return replace(
            plan,
            frames=tuple(_shared_frame(frame) for frame in plan.frames),
            reserve=plan.reserve and _shared_frame(plan.reserve),
            card=plan.card and _shared_card(plan.card),
        )


def focus_of(plan: Mapping[str, Any]) -> tuple[Focus, ...]:
    """Return what a stored plan was focused on; nothing where it does not say."""
    try:
        return msgspec.convert(plan.get("focus", ()), tuple[Focus, ...])
    except msgspec.ValidationError:
        return ()


@lru_cache(maxsize=SHARED_ITEMS)
def _shared_frame(frame: Frame) -> Frame:
    """Return the first that was equal."""
    return frame


@lru_cache(maxsize=SHARED_ITEMS)
def _shared_card(card: Part2Card) -> Part2Card:
    """Return the first that was equal."""
    return card


def plan_exam(
    bank: QuestionBank,
    mode: Mode,
    seed: int,
    seen_ids: Collection[str] = frozenset(),
    *,
    exposure: Mapping[str, int] | None = None,
    focus: Sequence[Focus] = (),
) -> ExamPlan:
    """Choose the items of an exam.

    Items the learner has not seen come first, then those that call for more of `focus`, then those shown
    least often (`exposure`, uses by item id), then by a shuffle that depends on the seed and the item alone.
    No Part 1 topic shares a theme with another or with the card. Raises BankTooSmall when the bank cannot
    serve that, and ValueError for a practice, which is planned by `plan_practice`.
    """
    wanted = frozenset(one.structure for one in focus)
    plan = _planned(bank, mode, seed, preference(seed, seen_ids, exposure or {}, wanted))
    return replace(plan, focus=tuple(focus))


def _planned(bank: QuestionBank, mode: Mode, seed: int, first_choice: Preference) -> ExamPlan:
    match mode:
        case Mode.PART1:
            frames = _frames(bank, first_choice, seed, themes=(), questions=(4, 4, 4, 4), routed=4)
            return ExamPlan(mode, seed, frames=frames[:3], reserve=frames[3])
        case Mode.PART2 | Mode.PART3:
            return ExamPlan(mode, seed, card=_best(bank.part2, first_choice))
        case Mode.FULL:
            card = _best(bank.part2, first_choice)
            frames = _frames(bank, first_choice, seed, themes=card.themes, questions=(4, 4, 4, 4), routed=4)
            return ExamPlan(mode, seed, frames=frames[:3], reserve=frames[3], card=card)
        case Mode.QUICK:
            card = _best(bank.part2, first_choice)
            frames = _frames(bank, first_choice, seed, themes=card.themes, questions=(2, 1), routed=1)
            return ExamPlan(
                mode, seed, frames=frames, card=card, rounding_off=1, questions_a_theme=1, follow_ups=False
            )
        case Mode.PRACTICE:
            raise ValueError("A practice has a part or a topic: plan it with plan_practice.")


def preference(
    seed: int,
    seen_ids: Collection[str],
    shown: Mapping[str, int],
    wanted: Collection[Elicited] = frozenset(),
) -> Preference:
    """Return the sort key that puts first what the learner has not seen, then what calls for most of
    `wanted`, then what is shown least often."""

    def key(item: Part1Set | Part2Card) -> tuple[bool, int, int, bytes]:
        called_for = len(elicited(item).intersection(wanted)) if wanted else 0
        return item.id in seen_ids, -called_for, shown.get(item.id, 0), _shuffle(seed, item.id)

    return key


def _shuffle(seed: int, item_id: str) -> bytes:
    """A place in the seed's order that neither other items nor the Python version can change."""
    return hashlib.sha256(f"{seed}:{item_id}".encode()).digest()


def _best(items: Iterable[ItemT], first_choice: Preference) -> ItemT:
    best = min(items, key=first_choice, default=None)
    if best is None:
        raise BankTooSmall("The question bank has no item left that fits this exam; add items to it.")
    return best


def _frames(
    bank: QuestionBank,
    first_choice: Preference,
    seed: int,
    *,
    themes: Collection[str],
    questions: tuple[int, ...],
    routed: int,
) -> tuple[Frame, ...]:
    """Choose a first frame and then everyday topics, none of which shares a theme with what came before.

    `questions` counts those of each frame; `routed` replaces the first where "work or study" is asked too.
    """
    used = set(themes)

    def choose(role: FrameRole) -> Part1Set:
        chosen = _best((s for s in bank.part1 if s.frame == role and used.isdisjoint(s.themes)), first_choice)
        used.update(chosen.themes)
        return chosen

    def fits(role: FrameRole) -> bool:
        return any(s.frame == role and used.isdisjoint(s.themes) for s in bank.part1)

    home = choose("home")
    first = Frame(home, questions[0])
    if _shuffle(seed, "first frame")[0] % 2 and fits("study") and fits("work"):
        first = Frame(home, routed, study=choose("study"), work=choose("work"))
    return (first, *(Frame(choose("topic"), count) for count in questions[1:]))
