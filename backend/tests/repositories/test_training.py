"""Cards and reviews in the database: made once, booked once, undone and moved without loss."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.repositories.training import PostgresTraining
from app.services.job_queue import JobKind
from app.services.session_store import NewEvent
from app.services.training_engine import (
    Card,
    Example,
    Fsrs,
    Grade,
    LearnerDay,
    Material,
    Sm2,
    Weakness,
)
from app.services.training_engine.store import (
    AttemptIdTaken,
    AttemptNotFound,
    NewReview,
    NotTheLastReview,
    StoredReview,
    TaskChanged,
    TaskNotDue,
    TaskNotFound,
    TaskSuspended,
)

TODAY = LearnerDay.named("Asia/Tashkent").of(datetime.now(UTC))
NOW = datetime.now(UTC)
KINDS = ("rule", "sound", "skill")


@pytest.fixture(autouse=True)
def empty_queue(superuser: psycopg.Connection) -> None:
    superuser.execute("truncate jobs, analyses")


@pytest.fixture
def training(database: Database) -> PostgresTraining:
    return PostgresTraining(database)


def mistake(target: str = "AGR-HE-SHE-IT", said: str = "He work.", *, weight: float = 2.0) -> Weakness:
    example = Example(said, said.replace("work", "works"), "work", "works")
    return Weakness(
        target,
        "rule",
        "grammatical_range_accuracy",
        Material("work → works", "-s", examples=(example,)),
        weight=weight,
    )


async def sit_exam(database: Database, user_id: UUID, found: Sequence[Weakness]) -> UUID:
    """End a session and store its analysis."""
    created = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
    store, jobs = PostgresLiveSessions(database), PostgresJobs(database)
    live = await store.claim(created.id, user_id)
    await store.finish(live, [], reason="completed", summary={}, audio_ms=900)
    job = await jobs.claim("worker", frozenset(JobKind), lease_s=60)
    assert job is not None
    await PostgresAnalysisDesk(database).complete(
        job,
        method_version="1",
        result={"criteria": {"pronunciation": {"band": 5.5}}},
        findings=[],
        event=NewEvent("done", {}),
        weaknesses=found,
    )
    return created.id


async def cards_of(training: PostgresTraining, user_id: UUID, day: date = date.max) -> list[Card]:
    return list((await training.due(user_id, day, limit=100, kinds=KINDS)).cards)


async def the_card(training: PostgresTraining, user_id: UUID) -> Card:
    (card,) = await cards_of(training, user_id)
    return card


def answer(card: Card, grade: Grade = 5, *, day: date = TODAY, review_id: UUID | None = None) -> NewReview:
    return NewReview(review_id or uuid4(), card.id, "correct", day, grade, grade, 1, int(grade > 2), 700, {})


async def record(training: PostgresTraining, card: Card, review: NewReview) -> StoredReview:
    return await training.record(card.user_id, review, Sm2(), seen_reviews=card.reviews)


async def test_a_sessions_mistakes_become_cards_of_its_learner_alone(
    database: Database, training: PostgresTraining, alice: UUID, bob: UUID
) -> None:
    await sit_exam(database, alice, [mistake(weight=1), mistake("PREP-WRONG", weight=3)])
    cards = await cards_of(training, alice, TODAY)
    assert [c.target for c in cards] == ["PREP-WRONG", "AGR-HE-SHE-IT"]
    assert await cards_of(training, bob) == []
    assert await training.card(bob, cards[0].id) is None


async def test_the_error_returns_to_the_same_card_and_the_session_counts_once(
    database: Database, training: PostgresTraining, alice: UUID, superuser: psycopg.Connection
) -> None:
    await sit_exam(database, alice, [mistake()])
    session = await sit_exam(database, alice, [mistake(said="She work.")])
    merged = await the_card(training, alice)
    assert (merged.errors, merged.relapses) == (2, 0)
    assert [e.said for e in merged.material.examples] == ["She work.", "He work."]

    superuser.execute(
        "update jobs set status = 'queued', finished_at = null where session_id = %s", (session,)
    )
    jobs = PostgresJobs(database)
    job = await jobs.claim("worker", frozenset(JobKind), lease_s=60)
    assert job is not None
    await PostgresAnalysisDesk(database).complete(
        job, method_version="1", result={}, findings=[], event=NewEvent("d", {}), weaknesses=[mistake()]
    )
    assert await the_card(training, alice) == merged


async def test_a_mistake_that_comes_back_after_drilling_is_a_failed_review(
    database: Database, training: PostgresTraining, alice: UUID, superuser: psycopg.Connection
) -> None:
    await sit_exam(database, alice, [mistake()])
    await record(training, card := await the_card(training, alice), answer(card))
    assert (await the_card(training, alice)).due == TODAY + timedelta(days=1)

    await sit_exam(database, alice, [mistake()])
    back = await the_card(training, alice)
    assert (back.relapses, back.reviews, back.due, back.state) == (1, 2, TODAY, "relapsed")
    logged = superuser.execute(
        "select drill, grade, correct, required from training_reviews where card_id = %s order by n",
        (back.id,),
    ).fetchall()
    assert logged == [("correct", 5, 1, 1), ("exam", 1, 0, 1)]


async def test_an_unusual_time_zone_does_not_lose_a_session(
    database: Database, training: PostgresTraining, alice: UUID, superuser: psycopg.Connection
) -> None:
    superuser.execute("update profiles set time_zone = 'Mars/Olympus' where id = %s", (alice,))
    await sit_exam(database, alice, [mistake()])
    assert (await the_card(training, alice)).due == TODAY


async def test_an_answer_sent_many_times_at_once_is_booked_once(
    database: Database, training: PostgresTraining, alice: UUID, superuser: psycopg.Connection
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    review = answer(card)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(record(training, card, review)) for _ in range(5)]
    assert {t.result().card.reviews for t in tasks} == {1}
    assert len({t.result().created_at for t in tasks}) == 1
    assert superuser.execute(
        "select count(*) from training_reviews where user_id = %s", (alice,)
    ).fetchone() == (1,)


async def test_different_answers_at_once_count_one_after_the_other(
    database: Database, training: PostgresTraining, alice: UUID
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    results = await asyncio.gather(
        *(record(training, card, answer(card, 2)) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(r, StoredReview) for r in results) == 1
    assert sum(isinstance(r, TaskChanged) for r in results) == 3


async def test_what_cannot_be_booked_is_named(
    database: Database, training: PostgresTraining, alice: UUID, bob: UUID
) -> None:
    await sit_exam(database, alice, [mistake(), mistake("PREP-WRONG")])
    card, other = await cards_of(training, alice)
    with pytest.raises(TaskNotFound):
        await training.record(bob, answer(card), Sm2(), seen_reviews=0)
    done = answer(card)
    await record(training, card, done)
    with pytest.raises(TaskNotDue):
        await record(training, replace(card, reviews=1), answer(card))
    with pytest.raises(AttemptIdTaken):
        await record(training, other, answer(other, review_id=done.id))
    await training.suspend(alice, other.id, suspended=True)
    with pytest.raises(TaskSuspended):
        await record(training, other, answer(other))
    assert await cards_of(training, alice, TODAY) == []
    assert (await training.suspend(alice, other.id, suspended=False)).status == "active"


async def test_a_clock_set_back_books_nothing_before_the_last_review(
    database: Database, training: PostgresTraining, alice: UUID
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    later = await record(training, card, answer(card, 2, day=TODAY + timedelta(days=3)))
    with pytest.raises(TaskNotDue):
        await record(training, later.card, answer(card, 5, day=TODAY))


async def test_undo_takes_the_last_review_back_once(
    database: Database, training: PostgresTraining, alice: UUID, bob: UUID
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    first = await record(training, card, answer(card, 3))
    second = await record(training, first.card, answer(card, 4))
    with pytest.raises(NotTheLastReview):
        await training.undo(alice, first.id, Sm2(), at=NOW, today=TODAY)
    with pytest.raises(AttemptNotFound):
        await training.undo(bob, second.id, Sm2(), at=NOW, today=TODAY)
    for _ in range(2):
        undone = await training.undo(alice, second.id, Sm2(), at=NOW, today=TODAY)
        assert undone.undone
        assert undone.card == first.card
    last = await training.undo(alice, first.id, Sm2(), at=NOW, today=TODAY)
    assert last.card == card
    again = await record(training, card, answer(card))
    assert again.card.reviews == 1


async def test_another_grade_counts_and_the_measured_one_is_kept(
    database: Database, training: PostgresTraining, alice: UUID
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    stored = await record(training, card, answer(card, 2))
    better = await training.regrade(alice, stored.id, 5, Sm2(), today=TODAY)
    assert (better.grade, better.measured_grade) == (5, 2)
    assert better.card.due == TODAY + timedelta(days=1)
    assert "comes back tomorrow" in better.outcome["why"]
    opening = await training.opening(alice, card.id, stored.id)
    assert opening.known == better
    assert (opening.paces, opening.settings.scheduler) == ([700], "sm2")


async def test_switching_the_scheduler_replays_the_log(
    database: Database, training: PostgresTraining, alice: UUID
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    await record(training, card, answer(card, 4))
    assert await training.reschedule(alice, Fsrs(), today=TODAY, limit=10) == 1
    switched = await the_card(training, alice)
    assert switched.memory.algorithm == "fsrs"
    assert switched.memory.stability is not None
    assert await training.reschedule(alice, Fsrs(), today=TODAY, limit=10) == 0
    assert await training.reschedule(alice, Sm2(), today=TODAY, limit=10) == 1
    assert (await the_card(training, alice)).memory.due == TODAY + timedelta(days=1)


async def test_skipping_postpones_and_keeps_the_memory(
    database: Database, training: PostgresTraining, alice: UUID
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    tomorrow = TODAY + timedelta(days=1)
    assert await training.postpone(alice, card.id, tomorrow) == replace(card, due=tomorrow)
    with pytest.raises(TaskNotFound):
        await training.postpone(alice, uuid4(), tomorrow)


async def test_what_is_exported_can_be_imported_by_another_and_twice(
    database: Database, training: PostgresTraining, alice: UUID, bob: UUID
) -> None:
    await sit_exam(database, alice, [mistake(), mistake("PREP-WRONG")])
    card = (await cards_of(training, alice))[0]
    await record(training, card, answer(card, 3))
    exported = [log async for log in training.export(alice)]
    assert await training.import_cards(bob, exported, Sm2(), today=TODAY) == (2, 1)
    assert await training.import_cards(bob, exported, Sm2(), today=TODAY) == (0, 0)
    theirs = [log async for log in training.export(bob)]
    assert [(t.card.target, t.card.memory, t.card.due, t.reviews) for t in theirs] == [
        (e.card.target, e.card.memory, e.card.due, e.reviews) for e in exported
    ]


async def test_progress_and_plan_read_what_is_there(
    database: Database, training: PostgresTraining, alice: UUID
) -> None:
    await sit_exam(database, alice, [mistake(), mistake("PREP-WRONG")])
    card, other = await cards_of(training, alice)
    first = await record(training, card, answer(card, 2))
    await record(training, first.card, answer(card, 5))
    figures = await training.progress(alice, since=TODAY)
    (criterion,) = figures.criteria
    assert (criterion.cards, criterion.fixed, criterion.relapsed) == (2, 0, 0)
    rule = next(r for r in figures.rules if r.target == card.target)
    assert (rule.required, rule.correct) == (2, 1)
    assert figures.retention.reviews == 1
    assert figures.days == [TODAY]
    material = await training.plan_material(alice, until=TODAY, per_criterion=5)
    assert [c.target for c in material.cards] == [other.target]
    assert [(b.criterion, b.band) for b in material.bands] == [("pronunciation", 5.5)]
    assert await training.finished_by_day(alice, TODAY) == {TODAY: 1}
    assert [c.target for c in await training.unfixed(alice, limit=1)] == [card.target]


async def test_erasing_the_account_erases_its_training(
    database: Database, training: PostgresTraining, alice: UUID, superuser: psycopg.Connection
) -> None:
    await sit_exam(database, alice, [mistake()])
    card = await the_card(training, alice)
    await record(training, card, answer(card))
    await training.put_plan(alice, TODAY, {})
    assert await PostgresErasure(database).erase(alice)
    for table in ("training_cards", "training_reviews", "training_sources", "training_plans"):
        query = f"select count(*) from {table} where user_id = %s"
        assert superuser.execute(query.encode(), (alice,)).fetchone() == (0,)
