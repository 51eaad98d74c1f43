"""The week ahead: what is due, what will be again, and what to talk about; more for the weakest criterion."""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, Self, get_args
from uuid import UUID

import msgspec

from app.services.hybrid_analyzer import Criterion
from app.services.training_engine.booking import remembered
from app.services.training_engine.cards import Card
from app.services.training_engine.drills import DrillType, drill_of
from app.services.training_engine.memory import Review
from app.services.training_engine.schedulers import scheduler_named
from app.services.training_engine.sm2 import GOOD

DAYS = 7
DAY_LOAD = 20
"""Drills in a day: about a quarter of an hour."""

CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
MIN_GAP = 0.5
"""Bands below the aim that every criterion is taken to be at least, so that none is left out."""

USUAL_AIM = 7.0
PRACTICE_DAYS = frozenset({3, DAYS - 1})
"""Days of the week on which a practice exam is planned, counted from its first."""

REHEARSE_DAYS = 14
"""So many days before the exam the Part 2 rehearsals become daily."""

_DRILL_MINUTES: Mapping[DrillType, float] = {
    "correct": 0.5,
    "gap": 0.5,
    "transform": 0.5,
    "shadow": 0.5,
    "minimal_pairs": 0.75,
    "expand": 2.0,
    "paraphrase": 1.0,
    "retell": 4.0,
    "long_turn": 4.0,
}

ExamPractice = Literal["quick", "full"]
TalkMode = Literal["part1", "part2", "part3", "practice"]

_TALKS: Mapping[Criterion, TalkMode] = {
    "fluency_coherence": "part2",
    "lexical_resource": "part3",
    "grammatical_range_accuracy": "practice",
    "pronunciation": "part1",
}
"""What exercises a criterion most: two minutes without a stop, ideas that need words, a correction after each
answer, short answers that have to be clear."""


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A drill of a day: the card's id and what it trains. `again`: expected back from a day before."""

    task_id: str
    target: str
    title: str
    criterion: Criterion
    type: DrillType
    again: bool = False


@dataclass(frozen=True, slots=True)
class PlannedTalk:
    """A short session of a day: its mode, and the criterion that it is for."""

    mode: TalkMode
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One of the learner's days: its drills, how long they take, and a practice exam or a talk."""

    day: date
    tasks: tuple[PlannedTask, ...]
    minutes: int
    exam: ExamPractice | None = None
    talk: PlannedTalk | None = None


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Seven days. `shares` say what part of the week each criterion gets (they add up to 1).

    `missed` are days of the plan before this one on which nothing was done: what they held is planned anew.
    `analysed` is the session whose analysis was the newest when the plan was made.
    """

    starts: date
    days: tuple[PlannedDay, ...]
    shares: Mapping[Criterion, float]
    target_band: float | None = None
    exam_date: date | None = None
    missed: tuple[date, ...] = field(default=())
    analysed: UUID | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(asdict(self))
        return built

    @classmethod
    def from_json(cls, data: Any) -> Self | None:
        """Read what `to_json` made; None for anything else: a plan can always be made anew."""
        try:
            return msgspec.convert(data, cls)
        except msgspec.ValidationError:
            return None


def plan_week(
    today: date,
    cards: Sequence[Card],
    bands: Mapping[Criterion, float | None],
    *,
    target_band: float | None = None,
    exam_date: date | None = None,
    missed: Sequence[date] = (),
    analysed: UUID | None = None,
) -> WeekPlan:
    """Plan the seven days from `today`.

    Each day takes the cards due by then, at most DAY_LOAD; one that was taken is expected back when its
    scheduler says, were it answered well. They are shared out by how far each criterion's newest band lies
    below the aim (`target_band`, else USUAL_AIM); a criterion without a band counts as the mean of the
    others. What a criterion cannot fill, the others take. A day without a practice exam has a talk, shared
    out likewise. A learner without any band is asked to sit a practice exam on the first day; talks wait.
    """
    shares = shares_of(bands, target_band)
    scored = any(band is not None for band in bands.values())
    exams = PRACTICE_DAYS if scored else {0, *PRACTICE_DAYS}
    waiting = {c: sorted((k for k in cards if k.criterion == c), key=_urgency) for c in CRITERIA}
    taken: dict[Criterion, int] = dict.fromkeys(CRITERIA, 0)
    talked: dict[Criterion, int] = dict.fromkeys(CRITERIA, 0)
    seen: set[UUID] = set()
    days = []
    for offset in range(DAYS):
        day = today + timedelta(days=offset)
        chosen = _chosen(day, waiting, shares, taken)
        for card in chosen:
            insort(waiting[card.criterion], _answered_well(card, day), key=_urgency)
        if _before_exam(day, exam_date):
            chosen += _rehearsal(day, cards, chosen)
        practice = _practice(day, exam_date) if offset in exams else None
        talk = _talk(shares, talked) if scored and practice is None and day != exam_date else None
        tasks = tuple(_task(card, again=card.id in seen) for card in chosen)
        seen.update(card.id for card in chosen)
        days.append(PlannedDay(day, tasks, _minutes(tasks), practice, talk))
    return WeekPlan(today, tuple(days), shares, target_band, exam_date, tuple(missed), analysed)


def shares_of(bands: Mapping[Criterion, float | None], target_band: float | None) -> dict[Criterion, float]:
    """Return the share of the week for each criterion, by its distance from the aim."""
    known = [band for c in CRITERIA if (band := bands.get(c)) is not None]
    usual = sum(known) / len(known) if known else 0.0
    aim = USUAL_AIM if target_band is None else target_band
    gaps = {c: max(MIN_GAP, aim - (usual if (b := bands.get(c)) is None else b)) for c in CRITERIA}
    whole = sum(gaps.values())
    return {c: round(gap / whole, 4) for c, gap in gaps.items()}


def needs_new_plan(
    plan: WeekPlan,
    today: date,
    finished: Mapping[date, int],
    *,
    target_band: float | None,
    exam_date: date | None,
    analysed: UUID | None,
) -> bool:
    """Whether the plan no longer fits: over, a day missed, another aim, or another analysis since."""
    over = not plan.starts <= today < plan.starts + timedelta(days=DAYS)
    changed = (plan.target_band, plan.exam_date, plan.analysed) != (target_band, exam_date, analysed)
    return over or changed or bool(missed_days(plan, today, finished))


def missed_days(plan: WeekPlan, today: date, finished: Mapping[date, int]) -> tuple[date, ...]:
    """Return the planned days before today on which nothing was done.

    What was only expected back may have been answered so well that it is not due: it does not count.
    """
    due = (d.day for d in plan.days if d.day < today and any(not task.again for task in d.tasks))
    return tuple(day for day in due if not finished.get(day))


def _urgency(card: Card) -> tuple[date, float, str]:
    return card.due, -card.weight, card.target


def _chosen(
    day: date,
    waiting: Mapping[Criterion, list[Card]],
    shares: Mapping[Criterion, float],
    taken: dict[Criterion, int],
) -> list[Card]:
    """Take the day's cards, each time from the criterion that is furthest behind its share."""
    chosen: list[Card] = []
    while len(chosen) < DAY_LOAD:
        open_now = [c for c in CRITERIA if waiting[c] and waiting[c][0].due <= day]
        if not open_now:
            break
        behind = _furthest_behind(open_now, shares, taken)
        chosen.append(waiting[behind].pop(0))
        taken[behind] += 1
    return chosen


def _furthest_behind(
    among: Sequence[Criterion], shares: Mapping[Criterion, float], taken: Mapping[Criterion, int]
) -> Criterion:
    return min(among, key=lambda c: ((taken[c] + 1) / shares[c], CRITERIA.index(c)))


def _answered_well(card: Card, day: date) -> Card:
    """Return the card as it will be, were it answered well on that day."""
    scheduler = scheduler_named(card.memory.algorithm)
    return remembered(card, scheduler.review(card.memory, Review(day, GOOD)))


def _talk(shares: Mapping[Criterion, float], talked: dict[Criterion, int]) -> PlannedTalk:
    """Return a talk for the criterion that is furthest behind its share of them."""
    criterion = _furthest_behind(CRITERIA, shares, talked)
    talked[criterion] += 1
    return PlannedTalk(_TALKS[criterion], criterion)


def _before_exam(day: date, exam_date: date | None) -> bool:
    return exam_date is not None and timedelta(0) < exam_date - day <= timedelta(days=REHEARSE_DAYS)


def _rehearsal(day: date, cards: Sequence[Card], chosen: Sequence[Card]) -> list[Card]:
    """Return the long turn's card where the learner has one that may be done and is not chosen already."""
    there = {card.id for card in chosen}
    return [c for c in cards if c.target == "skill:long_turn" and c.due <= day and c.id not in there][:1]


def _task(card: Card, *, again: bool) -> PlannedTask:
    kind = drill_of(card).type
    return PlannedTask(str(card.id), card.target, card.material.title, card.criterion, kind, again)


def _minutes(tasks: Sequence[PlannedTask]) -> int:
    return round(sum(_DRILL_MINUTES[task.type] for task in tasks))


def _practice(day: date, exam_date: date | None) -> ExamPractice | None:
    """Return which practice exam suits the day: a full one close to the exam, none on its day."""
    if exam_date == day:
        return None
    return "full" if _before_exam(day, exam_date) else "quick"
