"""What a practice asks: a part of the test, or a topic that the learner names."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.services.conversation import script
from app.services.conversation.bank_items import Part1Set, Part2Card, QuestionBank
from app.services.conversation.exam_types import Mode
from app.services.conversation.plan import BankTooSmall, ExamPlan, PracticeItem, preference

Part = Literal[1, 2, 3]
PART1_TOPICS = 3
_NOT_WORDS = re.compile(r"[\W_]+")


class TopicUnknown(LookupError):
    """No item of the bank, in the part that was asked for, has this topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that can be practised; `id` names it, `parts` are those that it has questions for."""

    id: str
    name: str
    parts: tuple[Part, ...]
    themes: tuple[str, ...]


def topics(bank: QuestionBank) -> tuple[Topic, ...]:
    """Return the topics of the bank."""
    return (
        *(Topic(s.id, s.topic, (1,), s.themes) for s in bank.part1),
        *(Topic(c.id, c.topic, (2, 3), c.themes) for c in bank.part2),
    )


def plan_practice(
    bank: QuestionBank,
    seed: int,
    seen_ids: Collection[str] = frozenset(),
    *,
    part: Part | None = None,
    topic: str | None = None,
) -> ExamPlan:
    """Plan a practice of a part, of a topic, or of a part of a topic.

    A topic is given by its id, its name, or one of its themes, in any case. Of several items that fit, those
    the learner has not seen come first. Raises TopicUnknown, BankTooSmall when the bank is empty, and
    ValueError when neither part nor topic is given.
    """
    if part is None and topic is None:
        raise ValueError("A practice needs a part or a topic.")
    sets: Iterable[Part1Set] = bank.part1 if part in (None, 1) else ()
    cards: Iterable[Part2Card] = bank.part2 if part in (None, 2, 3) else ()
    if topic is None:
        # Whether the learner studies or works is not known: these questions are there by name only.
        sets = [s for s in sets if s.frame in ("home", "topic")]
    else:
        wanted = _plain(topic)
        sets = [s for s in sets if wanted in _names(s.id, s.topic, s.spoken, *s.themes)]
        cards = [c for c in cards if wanted in _names(c.id, c.topic, c.about, *c.themes)]
        if not sets and not cards:
            raise TopicUnknown(f"There are no questions on {topic!r}.")
    first_choice = preference(seed, seen_ids, {})
    chosen_sets, chosen_cards = sorted(sets, key=first_choice), sorted(cards, key=first_choice)
    if chosen_sets:
        questions = [q for s in _apart(chosen_sets) for q in _part1(s)]
        return ExamPlan(Mode.PRACTICE, seed, practice=tuple(questions))
    if not chosen_cards:
        raise BankTooSmall("The question bank has no item for this practice; add items to it.")
    card = chosen_cards[0]
    items = (*(_part2(card) if part in (None, 2) else ()), *(_part3(card) if part in (None, 3) else ()))
    return ExamPlan(Mode.PRACTICE, seed, card=card, practice=items)


def _plain(name: str) -> str:
    return _NOT_WORDS.sub(" ", name.casefold()).strip()


def _names(*names: str) -> set[str]:
    return {_plain(name) for name in names}


def _apart(sets: Iterable[Part1Set]) -> Iterator[Part1Set]:
    """Yield a few sets that share no theme."""
    used: set[str] = set()
    count = 0
    for chosen in sets:
        if count < PART1_TOPICS and used.isdisjoint(chosen.themes):
            used.update(chosen.themes)
            count += 1
            yield chosen


def _part1(chosen: Part1Set) -> Iterator[PracticeItem]:
    for number, question in enumerate(chosen.questions):
        intro = script.begin_topic(chosen.spoken, 0) if number == 0 else None
        yield PracticeItem(chosen.question_id(number), chosen.id, 1, question.text, intro=intro)


def _part2(card: Part2Card) -> Iterator[PracticeItem]:
    yield PracticeItem(card.id, card.id, 2, card.topic, talk=True)
    for number, text in enumerate(card.rounding_off):
        yield PracticeItem(card.question_id("round", number), card.id, 2, text)


def _part3(card: Part2Card) -> Iterator[PracticeItem]:
    theme = None
    order = sorted(range(len(card.p3)), key=lambda i: (card.p3[i].sub, card.p3[i].level, i))
    for number in order:
        question = card.p3[number]
        intro = None if question.theme == theme else script.begin_theme(question.theme)
        theme = question.theme
        yield PracticeItem(card.question_id("p3", number), card.id, 3, question.text, intro=intro)
