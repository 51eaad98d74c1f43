"""What a learner does with training: see what is due, answer, put off, take back, look ahead and behind."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from app.services.conversation import Focus
from app.services.hybrid_analyzer import Criterion
from app.services.training_engine.cards import Card, CardKind
from app.services.training_engine.drills import (
    Drill,
    DrillType,
    drill_of,
    drill_types,
    elicited_structure,
    kinds_with,
)
from app.services.training_engine.grading import Answer, Judge, Judgement
from app.services.training_engine.learner_day import LearnerDay
from app.services.training_engine.memory import Grade
from app.services.training_engine.plan import (
    DAY_LOAD,
    DAYS,
    WeekPlan,
    missed_days,
    needs_new_plan,
    plan_week,
)
from app.services.training_engine.progress import WINDOW_DAYS, Progress, progress_from
from app.services.training_engine.schedulers import scheduler_named
from app.services.training_engine.store import (
    AttemptIdTaken,
    CardLog,
    NewReview,
    StoredReview,
    TaskChanged,
    TaskNotDue,
    TaskNotFound,
    TaskSuspended,
    TrainingSettings,
    TrainingStore,
)

ALL_KINDS: frozenset[CardKind] = frozenset(get_args(CardKind))
MAX_EAGER = 2_000
"""Cards that are replayed at once when the scheduler changes; others when they are next answered."""

FITTING = 5
"""So many days' loads are looked through for cards that fit a type of drill."""

FOCUS_CARDS = 5


@dataclass(frozen=True, slots=True)
class Task:
    """A card that may be drilled now, and the drill."""

    card: Card
    drill: Drill
    overdue_days: int


@dataclass(frozen=True, slots=True)
class DayTasks:
    """What is to be done today: the drills, how many are done, and how many more make a day's load."""

    day: date
    tasks: Sequence[Task]
    finished: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer to a task under the client's own id.

    `drill` is its type where it is not the one whose turn it is; `seen_reviews` how often the card had been
    reviewed when it was shown; `grade` the learner's own, which counts in place of the measured one.
    Without an answer there must be a grade.
    """

    id: UUID
    answer: Answer | None = None
    drill: DrillType | None = None
    seen_reviews: int | None = None
    grade: Grade | None = None


class Trainer:
    """Training of all learners, over a store, a judge and a clock."""

    def __init__(self, store: TrainingStore, judge: Judge, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._judge = judge
        self._now = now

    async def tasks(
        self, user_id: UUID, *, limit: int = DAY_LOAD, drill: DrillType | None = None
    ) -> DayTasks:
        """Return what is due now, the longest due first, at most what is left of a day's load.

        `drill` asks for cards that can be practised that way. Raises UnknownUser.
        """
        _, day = await self._today(user_id)
        kinds = ALL_KINDS if drill is None else kinds_with(drill)
        most = DAY_LOAD if drill is None else DAY_LOAD * FITTING
        load = await self._store.due(user_id, day, limit=most, kinds=kinds)
        left = min(limit, max(0, DAY_LOAD - load.finished))
        fitting = [card for card in load.cards if drill is None or drill in drill_types(card)]
        tasks = [Task(c, drill_of(c, drill), max(0, (day - c.due).days)) for c in fitting[:left]]
        return DayTasks(day, tasks, load.finished)

    async def task(self, user_id: UUID, task_id: UUID, drill: DrillType | None = None) -> Task:
        """Return one task, due or not. Raises TaskNotFound, DrillNotPossible, UnknownUser."""
        _, day = await self._today(user_id)
        card = await self._card(user_id, task_id)
        return Task(card, drill_of(card, drill), max(0, (day - card.due).days))

    async def complete(self, user_id: UUID, task_id: UUID, attempt: Attempt) -> StoredReview:
        """Judge an answer and book it; an attempt that is booked already is returned as it was.

        Raises TaskNotFound, TaskSuspended, TaskNotDue, TaskChanged, AttemptIdTaken, DrillNotPossible,
        AnswerRefused, ListeningUnavailable, UnknownUser; nothing is booked then.
        """
        opening = await self._store.opening(user_id, task_id, attempt.id)
        if (known := opening.known) is not None:
            if known.card.id != task_id:
                raise AttemptIdTaken
            return known
        card, day = opening.card, self._day(opening.settings)
        if card is None:
            raise TaskNotFound
        if card.status == "suspended":
            raise TaskSuspended
        if card.due > day:
            raise TaskNotDue(card.due)
        if attempt.seen_reviews not in {None, card.reviews}:
            raise TaskChanged
        drill = drill_of(card, attempt.drill)
        judgement = None
        if attempt.answer is not None:
            judgement = await self._judge.judge(drill, attempt.answer, card.target, opening.paces)
        review = _review(attempt, card, drill, judgement, day)
        scheduler = scheduler_named(opening.settings.scheduler)
        return await self._store.record(user_id, review, scheduler, seen_reviews=card.reviews)

    async def skip(self, user_id: UUID, task_id: UUID) -> Card:
        """Put the task off to the learner's next day; its memory stays. Raises TaskNotFound, UnknownUser."""
        _, day = await self._today(user_id)
        return await self._store.postpone(user_id, task_id, day + timedelta(days=1))

    async def suspend(self, user_id: UUID, task_id: UUID, *, suspended: bool) -> Card:
        """Put the task aside until it is taken back. Raises TaskNotFound."""
        return await self._store.suspend(user_id, task_id, suspended=suspended)

    async def regrade(self, user_id: UUID, attempt_id: UUID, grade: Grade) -> StoredReview:
        """Let the learner's own grade count. Raises AttemptNotFound, NotTheLastReview, UnknownUser."""
        settings, day = await self._today(user_id)
        scheduler = scheduler_named(settings.scheduler)
        return await self._store.regrade(user_id, attempt_id, grade, scheduler, today=day)

    async def undo(self, user_id: UUID, attempt_id: UUID) -> StoredReview:
        """Take an attempt back. Raises AttemptNotFound, NotTheLastReview, UnknownUser."""
        settings, day = await self._today(user_id)
        scheduler = scheduler_named(settings.scheduler)
        return await self._store.undo(user_id, attempt_id, scheduler, at=self._now(), today=day)

    async def scheduler_changed(self, user_id: UUID) -> None:
        """Replay the log for the scheduler that the profile names now."""
        settings, day = await self._today(user_id)
        scheduler = scheduler_named(settings.scheduler)
        await self._store.reschedule(user_id, scheduler, today=day, limit=MAX_EAGER)

    async def plan(self, user_id: UUID) -> tuple[WeekPlan, Mapping[date, int]]:
        """Return the week's plan and how many drills were finished on each of its days.

        It is made anew when it is over, when a day was missed, when the profile's aim has changed, and when a
        session was analysed since.
        """
        settings, today = await self._today(user_id)
        kept = await self._store.plan(user_id)
        stored, analysed = WeekPlan.from_json(kept.plan), kept.analysed
        since = today - timedelta(days=DAYS) if stored is None else stored.starts
        finished = await self._store.finished_by_day(user_id, since)
        aim, exam = settings.target_band, settings.exam_date
        if stored is not None and not needs_new_plan(
            stored, today, finished, target_band=aim, exam_date=exam, analysed=analysed
        ):
            return stored, finished
        missed = () if stored is None else missed_days(stored, today, finished)
        until = today + timedelta(days=DAYS - 1)
        material = await self._store.plan_material(user_id, until=until, per_criterion=DAYS * DAY_LOAD)
        bands: dict[Criterion, float | None] = {b.criterion: b.band for b in material.bands}
        made = plan_week(
            today,
            material.cards,
            bands,
            target_band=aim,
            exam_date=exam,
            missed=missed,
            analysed=analysed,
        )
        await self._store.put_plan(user_id, today, made.to_json())
        return made, finished

    async def progress(self, user_id: UUID) -> Progress:
        """Return how far the learner is, over the last WINDOW_DAYS."""
        _, today = await self._today(user_id)
        figures = await self._store.progress(user_id, since=today - timedelta(days=WINDOW_DAYS))
        return progress_from(figures, today)

    async def focus(self, user_id: UUID) -> tuple[Focus, ...]:
        """Return the weightiest rules that the learner has not fixed and that questions can call for."""
        found = []
        for card in await self._store.unfixed(user_id, limit=FOCUS_CARDS):
            structure = elicited_structure(card)
            if structure is not None:
                found.append(Focus(card.target, structure))
        return tuple(found)

    def export(self, user_id: UUID) -> AsyncIterator[CardLog]:
        """Yield every card with its log."""
        return self._store.export(user_id)

    async def import_cards(self, user_id: UUID, cards: Sequence[CardLog]) -> tuple[int, int]:
        """Add cards and reviews that are not there yet; return how many of each."""
        settings, day = await self._today(user_id)
        scheduler = scheduler_named(settings.scheduler)
        known = [replace(log, card=replace(log.card, user_id=user_id)) for log in cards]
        return await self._store.import_cards(user_id, known, scheduler, today=day)

    async def _today(self, user_id: UUID) -> tuple[TrainingSettings, date]:
        settings = await self._store.settings(user_id)
        return settings, self._day(settings)

    def _day(self, settings: TrainingSettings) -> date:
        return LearnerDay.or_usual(settings.time_zone).of(self._now())

    async def _card(self, user_id: UUID, task_id: UUID) -> Card:
        card = await self._store.card(user_id, task_id)
        if card is None:
            raise TaskNotFound
        return card


def _review(attempt: Attempt, card: Card, drill: Drill, judgement: Judgement | None, day: date) -> NewReview:
    measured = judgement.grade if judgement is not None else None
    grade = attempt.grade if attempt.grade is not None else measured
    if grade is None:
        raise ValueError("an attempt needs an answer or a grade")
    return NewReview(
        id=attempt.id,
        card_id=card.id,
        drill=drill.type,
        day=day,
        grade=grade,
        measured_grade=measured,
        required=judgement.required if judgement is not None else 0,
        correct=judgement.correct if judgement is not None else 0,
        pace_ms=judgement.pace_ms if judgement is not None else None,
        outcome=_outcome(drill, judgement),
    )


def _outcome(drill: Drill, judgement: Judgement | None) -> dict[str, Any]:
    """Return what the learner is told, to be stored and told again the same."""
    if judgement is None:
        return {"reason": "graded_by_learner", "asked": drill.text}
    return {
        "reason": judgement.reason,
        "asked": drill.text,
        "understood": judgement.text,
        "better": judgement.better,
        "findings": [asdict(finding) for finding in judgement.findings],
        "words": [asdict(word) for word in judgement.words],
        "not_judged": list(judgement.not_judged),
    }
