"""The week ahead: what is due, shared out over the criteria, more for the weakest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, Self, get_args
from uuid import UUID

import msgspec

from app.services.hybrid_analyzer import Criterion
from app.services.training_engine.cards import Card
from app.services.training_engine.drills import DrillType, drill_of

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

_MINUTES: Mapping[DrillType, float] = {
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


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A drill of a day: the card's id and what it trains."""

    task_id: str
    target: str
    title: str
    criterion: Criterion
    type: DrillType


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One of the learner's days: its drills, how long they take, and a practice exam where one is due."""

    day: date
    tasks: tuple[PlannedTask, ...]
    minutes: int
    exam: ExamPractice | None = None


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

    Each day takes the cards due by then, at most DAY_LOAD. They are shared out by how far each criterion's
    newest band lies below the aim (`target_band`, else USUAL_AIM); a criterion without a band counts as the
    mean of the others. What a criterion cannot fill, the others take. A learner without any band is asked to
    sit a practice exam on the first day.
    """
    shares = shares_of(bands, target_band)
    waiting = {c: sorted((k for k in cards if k.criterion == c), key=_urgency) for c in CRITERIA}
    taken: dict[Criterion, int] = dict.fromkeys(CRITERIA, 0)
    exams = PRACTICE_DAYS if any(band is not None for band in bands.values()) else {0, *PRACTICE_DAYS}
    days = []
    for offset in range(DAYS):
        day = today + timedelta(days=offset)
        chosen = _chosen(day, waiting, shares, taken)
        if _before_exam(day, exam_date):
            chosen += _rehearsal(day, cards, chosen)
        practice = _practice(day, exam_date) if offset in exams else None
        days.append(_planned(day, chosen, practice))
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
    """Return the planned days before today on which nothing was done."""
    return tuple(d.day for d in plan.days if d.day < today and d.tasks and not finished.get(d.day))


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
        behind = min(open_now, key=lambda c: ((taken[c] + 1) / shares[c], CRITERIA.index(c)))
        chosen.append(waiting[behind].pop(0))
        taken[behind] += 1
    return chosen


def _before_exam(day: date, exam_date: date | None) -> bool:
    return exam_date is not None and timedelta(0) < exam_date - day <= timedelta(days=REHEARSE_DAYS)


def _rehearsal(day: date, cards: Sequence[Card], chosen: Sequence[Card]) -> list[Card]:
    """Return the long turn's card where the learner has one that may be done and is not chosen already."""
    return [c for c in cards if c.target == "skill:long_turn" and c.due <= day and c not in chosen][:1]


def _planned(day: date, cards: Sequence[Card], practice: ExamPractice | None) -> PlannedDay:
    tasks = tuple(
        PlannedTask(str(c.id), c.target, c.material.title, c.criterion, drill_of(c).type) for c in cards
    )
    minutes = round(sum(_MINUTES[task.type] for task in tasks))
    return PlannedDay(day, tasks, minutes, practice)


def _practice(day: date, exam_date: date | None) -> ExamPractice | None:
    """Return which practice exam suits the day: a full one close to the exam, none on its day."""
    if exam_date == day:
        return None
    return "full" if _before_exam(day, exam_date) else "quick"
