"""The queue of jobs, with analyses: one worker at a time, nothing written by one that lost its lease."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from app.repositories.analyses import PostgresAnalyses
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.hybrid_analyzer.findings import Finding
from app.services.job_queue import Job, JobKind, LeaseLost
from app.services.session_store import NewEvent, TurnRecord

KINDS = frozenset({JobKind.ANALYSIS})
READY = NewEvent("session.analysis_ready", {"type": "session.analysis_ready", "status": "done"})
GAVE_UP = NewEvent("session.analysis_ready", {"type": "session.analysis_ready", "status": "failed"})
RESULT = {"overall_band": 6.5, "criteria": []}
TURN = TurnRecord(
    id=uuid4(), index=0, speaker="learner", part=1, text="I am student.", start_ms=0, end_ms=1_500
)


@pytest.fixture(autouse=True)
def empty_queue(superuser: psycopg.Connection) -> None:
    """Workers see every learner's jobs, so each test begins with none."""
    superuser.execute("truncate jobs, analyses")


@pytest.fixture
def jobs(database: Database) -> PostgresJobs:
    return PostgresJobs(database, max_attempts=2)


@pytest.fixture
def desk(database: Database) -> PostgresAnalysisDesk:
    return PostgresAnalysisDesk(database)


async def ended_session(database: Database, user_id: UUID) -> tuple[UUID, TurnRecord]:
    created = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
    store = PostgresLiveSessions(database)
    session = await store.claim(created.id, user_id)
    turn = replace(TURN, id=uuid4())
    await store.append(session, [NewEvent("stt.final", {"type": "stt.final"})], turns=[turn])
    await store.finish(session, [], reason="completed", summary={}, audio_ms=1_500)
    return created.id, turn


def finding(turn: TurnRecord, *, char_start: int = 5) -> Finding:
    return Finding(
        id=f"f_{uuid4().hex}",
        turn_id=str(turn.id),
        rule_id="UZ-G01",
        category="M:DET",
        criterion="grammatical_range_accuracy",
        severity="low",
        confidence=0.75,
        source="rule",
        char_start=char_start,
        char_end=12,
        start_ms=200,
        end_ms=900,
        quote="student",
        correction="a student",
        explanation="A job is named with a or an.",
        explanation_uz="Kasb nomidan oldin a yoki an keladi.",
    )


async def claimed(jobs: PostgresJobs, worker: str = "one", lease_s: float = 60) -> Job:
    job = await jobs.claim(worker, KINDS, lease_s=lease_s)
    assert job is not None
    return job


async def test_material_brings_the_learners_earlier_analyses(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID, bob: UUID
) -> None:
    first, turn = await ended_session(database, alice)
    await desk.complete(
        await claimed(jobs),
        method_version="2026-01",
        result=RESULT,
        findings=[finding(turn, char_start=0), finding(turn, char_start=5)],
        event=READY,
    )
    await ended_session(database, bob)
    foreign = await claimed(jobs)
    await desk.complete(foreign, method_version="2026-01", result=RESULT, findings=[], event=READY)
    await ended_session(database, alice)
    last, _ = await ended_session(database, alice)

    material, before = await desk.material(last), await desk.material(first)
    assert material is not None
    assert before is not None
    [earlier] = material.earlier
    assert (earlier.session_id, earlier.result, earlier.method_version) == (first, RESULT, "2026-01")
    assert earlier.mistakes == {finding(turn, char_start=0).rule_id: 2}
    assert before.earlier == []


async def test_a_finished_session_becomes_a_result(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID, bob: UUID
) -> None:
    session_id, turn = await ended_session(database, alice)
    archive = PostgresAnalyses(database)
    queued = await archive.of_session(alice, session_id)
    assert queued is not None
    assert (queued.status, queued.progress, queued.result) == ("queued", 0, None)

    job = await claimed(jobs)
    assert (job.session_id, job.user_id, job.attempt) == (session_id, alice, 1)
    material = await desk.material(session_id)
    assert material is not None
    assert (material.session.id, material.turns) == (session_id, [turn])
    await jobs.heartbeat(job, lease_s=60, progress=40)
    running = await archive.of_session(alice, session_id)
    assert running is not None
    assert (running.status, running.progress) == ("running", 40)

    late, early = finding(turn, char_start=5), finding(turn, char_start=0)
    seq = await desk.complete(
        job, method_version="2026-01", result=RESULT, findings=[late, early], event=READY
    )

    done = await archive.of_session(alice, session_id)
    assert done is not None
    assert (done.status, done.progress, done.result, done.method_version) == ("done", 100, RESULT, "2026-01")
    assert done.findings == [early, late]
    assert done.finished_at is not None
    events = await PostgresLiveSessions(database).events_after(session_id, alice, 0)
    assert [(event.seq, event.type) for event in events] == [(1, "stt.final"), (seq, READY.type)]
    assert seq == 2
    assert await archive.of_session(bob, session_id) is None
    assert await jobs.claim("two", KINDS, lease_s=60) is None


async def test_two_workers_never_hold_the_same_job(
    database: Database, jobs: PostgresJobs, alice: UUID
) -> None:
    for _ in range(3):
        await ended_session(database, alice)

    async with asyncio.TaskGroup() as group:
        claims = [group.create_task(jobs.claim(f"worker {n}", KINDS, lease_s=60)) for n in range(6)]

    held = [job.id for claim in claims if (job := claim.result()) is not None]
    assert len(held) == len(set(held)) == 3


async def test_the_job_of_a_dead_worker_is_taken_over_and_the_dead_one_is_fenced(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID
) -> None:
    session_id, turn = await ended_session(database, alice)
    dead = await claimed(jobs, "same name", lease_s=0)
    living = await claimed(jobs, "same name")
    assert (living.id, living.attempt) == (dead.id, 2)

    with pytest.raises(LeaseLost):
        await jobs.heartbeat(dead, lease_s=60, progress=50)
    with pytest.raises(LeaseLost):
        await desk.complete(dead, method_version="x", result={}, findings=[finding(turn)], event=READY)
    with pytest.raises(LeaseLost):
        await jobs.fail(dead, "late", event=GAVE_UP)

    await desk.complete(living, method_version="x", result=RESULT, findings=[], event=READY)
    done = await PostgresAnalyses(database).of_session(alice, session_id)
    assert done is not None
    assert (done.status, done.findings) == ("done", [])


async def test_a_failed_job_waits_before_it_is_tried_again_and_is_parked_at_last(
    database: Database, jobs: PostgresJobs, alice: UUID, superuser: psycopg.Connection
) -> None:
    session_id, _ = await ended_session(database, alice)

    assert await jobs.fail(await claimed(jobs), "model \x00 broke", event=GAVE_UP) is False
    assert await jobs.claim("two", KINDS, lease_s=60) is None
    waits = superuser.execute(
        "select extract(epoch from run_after - now()), error from jobs where session_id = %s",
        (session_id,),
    ).fetchone()
    assert waits is not None
    assert 0 < waits[0] <= 5
    assert waits[1] == "model  broke"

    superuser.execute("update jobs set run_after = now() where session_id = %s", (session_id,))
    assert await jobs.fail(await claimed(jobs), "broke again" * 1_000, event=GAVE_UP) is True
    parked = await PostgresAnalyses(database).of_session(alice, session_id)
    assert parked is not None
    assert parked.status == "failed"
    assert await jobs.claim("three", KINDS, lease_s=60) is None


async def test_one_learners_many_jobs_do_not_keep_others_waiting(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID, bob: UUID
) -> None:
    for _ in range(5):
        await ended_session(database, alice)
    for _ in range(2):
        await ended_session(database, bob)

    served = []
    for _ in range(7):
        job = await claimed(jobs)
        served.append(job.user_id)
        await desk.complete(job, method_version="x", result=RESULT, findings=[], event=READY)

    assert served == [alice, bob, alice, bob, alice, alice, alice]


async def test_a_turn_that_was_served_long_ago_does_not_count(
    database: Database, jobs: PostgresJobs, alice: UUID, bob: UUID, superuser: psycopg.Connection
) -> None:
    desk = PostgresAnalysisDesk(database)
    for user_id in (alice, alice, bob):
        await ended_session(database, user_id)
    first = await claimed(jobs)
    await desk.complete(first, method_version="x", result=RESULT, findings=[], event=READY)
    superuser.execute("update jobs set started_at = now() - interval '1 hour' where id = %s", (first.id,))

    assert (await claimed(jobs)).user_id == alice


async def test_what_is_due_is_what_can_be_claimed(
    database: Database, jobs: PostgresJobs, alice: UUID
) -> None:
    for _ in range(3):
        await ended_session(database, alice)
    assert await jobs.due(KINDS) == 3
    await jobs.fail(await claimed(jobs), "later", event=GAVE_UP)
    assert await jobs.due(KINDS) == 2
    await claimed(jobs, lease_s=60)
    assert await jobs.due(KINDS) == 1
    await claimed(jobs, lease_s=0)
    assert await jobs.due(KINDS) == 1


async def test_how_far_the_workers_are_behind_is_seen_from_the_queue(
    database: Database, jobs: PostgresJobs, superuser: psycopg.Connection, alice: UUID
) -> None:
    assert [(each.kind, each.due) for each in (await jobs.backlog()).kinds] == [(kind, 0) for kind in JobKind]
    for _ in range(4):
        await ended_session(database, alice)
    await claimed(jobs, lease_s=60)
    await claimed(jobs, lease_s=0)
    superuser.execute("update jobs set run_after = now() - interval '90 s' where status = 'queued'")
    await jobs.fail(await claimed(jobs, lease_s=60), "tried again later", event=GAVE_UP)

    backlog = await jobs.backlog()
    analyses = backlog.kinds[0]
    assert (analyses.kind, analyses.due, analyses.running) == (JobKind.ANALYSIS, 2, 1)
    assert 89 < analyses.oldest_due_s < 120
    assert (backlog.due, backlog.running, backlog.attended) == (2, 1, True)


async def test_an_interrupted_job_runs_before_anything_new(
    database: Database, jobs: PostgresJobs, alice: UUID, bob: UUID
) -> None:
    await ended_session(database, alice)
    dead = await claimed(jobs, lease_s=0)
    await ended_session(database, bob)

    assert (await claimed(jobs)).id == dead.id


async def test_an_operator_gives_a_parked_job_all_its_attempts_again(
    database: Database, desk: PostgresAnalysisDesk, alice: UUID, superuser: psycopg.Connection
) -> None:
    session_id, _ = await ended_session(database, alice)
    jobs = PostgresJobs(database, max_attempts=1)
    assert not await jobs.retry(session_id)
    parked = await claimed(jobs)
    assert await jobs.fail(parked, "a defect", event=GAVE_UP) is True

    assert await jobs.retry(parked.id)
    assert not await jobs.retry(session_id)
    again = await claimed(jobs)
    assert (again.id, again.attempt) == (parked.id, 1)
    kept = superuser.execute("select error from jobs where id = %s", (parked.id,)).fetchone()
    assert kept == ("a defect",)
    await desk.complete(again, method_version="x", result=RESULT, findings=[], event=READY)
    done = await PostgresAnalyses(database).of_session(alice, session_id)
    assert done is not None
    assert done.status == "done"


async def test_a_result_that_cannot_be_stored_leaves_nothing(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID
) -> None:
    session_id, turn = await ended_session(database, alice)
    job = await claimed(jobs)
    impossible = replace(finding(turn), confidence=1.5)

    with pytest.raises(psycopg.errors.CheckViolation):
        await desk.complete(
            job, method_version="x", result=RESULT, findings=[finding(turn), impossible], event=READY
        )

    view = await PostgresAnalyses(database).of_session(alice, session_id)
    assert view is not None
    assert (view.status, view.result) == ("running", None)
    assert len(await PostgresLiveSessions(database).events_after(session_id, alice, 0)) == 1


async def test_a_session_erased_meanwhile_is_a_lost_lease(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID
) -> None:
    session_id, turn = await ended_session(database, alice)
    job = await claimed(jobs)
    assert await PostgresErasure(database).erase(alice)

    assert await desk.material(session_id) is None
    with pytest.raises(LeaseLost):
        await desk.complete(job, method_version="x", result=RESULT, findings=[finding(turn)], event=READY)


async def test_what_was_heard_later_takes_the_place_of_a_missing_transcript(
    database: Database, jobs: PostgresJobs, desk: PostgresAnalysisDesk, alice: UUID
) -> None:
    session_id, turn = await ended_session(database, alice)
    job = await claimed(jobs)
    material = await desk.material(session_id)
    assert material is not None
    heard = replace(turn, text="I am a student.", words=[{"text": "I"}])
    await desk.put_transcript(job, heard)
    assert (await PostgresLiveSessions(database).turns(session_id, alice)) == [heard]

    with pytest.raises(LeaseLost):
        await desk.put_transcript(replace(job, lease_owner="somebody else"), replace(heard, text="No."))
    other_session, other = await ended_session(database, alice)
    with pytest.raises(LeaseLost):
        await desk.put_transcript(job, replace(other, text="Another session's."))
    assert (await PostgresLiveSessions(database).turns(other_session, alice)) == [other]


async def test_what_was_not_understood_is_remembered(database: Database, alice: UUID) -> None:
    created = await PostgresSessions(database).create(alice, mode="quick", clock="short", plan={})
    store = PostgresLiveSessions(database)
    session = await store.claim(created.id, alice)
    lost = replace(TURN, id=uuid4(), text="", untranscribed=True)
    await store.append(session, [], turns=[lost])
    assert await store.turns(session.id, alice) == [lost]
    await store.append(session, [], turns=[replace(lost, text="Yes.", untranscribed=False)])
    assert [turn.untranscribed for turn in await store.turns(session.id, alice)] == [False]
