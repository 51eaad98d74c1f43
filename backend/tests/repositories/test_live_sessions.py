"""The log of a live session: numbers without gaps, one owner at a time."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.session_store import (
    Checkpoint,
    LeaseHeld,
    NewEvent,
    SessionRecord,
    StaleOwner,
    TurnRecord,
    Wish,
)

ANSWER = TurnRecord(
    id=uuid4(), index=0, speaker="learner", part=1, text="I live in Tashkent.", start_ms=100, end_ms=2_100
)


def events(count: int) -> list[NewEvent]:
    return [NewEvent("stt.final", {"type": "stt.final", "n": n}) for n in range(count)]


@pytest.fixture
def store(database: Database) -> PostgresLiveSessions:
    return PostgresLiveSessions(database)


@pytest.fixture
async def session(database: Database, store: PostgresLiveSessions, alice: UUID) -> SessionRecord:
    created = await PostgresSessions(database).create(alice, mode="quick", clock="short", plan={"topics": []})
    return await store.claim(created.id, alice)


async def test_claim_makes_the_session_live_and_counts_epochs(
    database: Database, store: PostgresLiveSessions, alice: UUID
) -> None:
    created = await PostgresSessions(database).create(alice, mode="full", clock="standard", plan={"a": [1]})
    assert (created.status, created.epoch, created.started_at) == ("created", 0, None)

    first = await store.claim(created.id, alice)
    second = await store.claim(created.id, alice)

    assert (first.status, first.epoch, second.epoch) == ("live", 1, 2)
    assert first.started_at == second.started_at is not None
    assert second.plan == {"a": [1]}


async def test_a_foreign_session_does_not_exist(
    store: PostgresLiveSessions, session: SessionRecord, bob: UUID
) -> None:
    await store.append(session, events(1))

    assert await store.load(session.id, bob) is None
    assert await store.events_after(session.id, bob, 0) == []
    with pytest.raises(LookupError):
        await store.claim(session.id, bob)
    with pytest.raises(StaleOwner):
        await store.append(replace(session, user_id=bob), events(1))
    with pytest.raises(StaleOwner):
        await store.finish(replace(session, user_id=bob), [], reason="stolen", summary={}, audio_ms=0)


async def test_concurrent_writers_leave_no_gap_and_no_twin(
    store: PostgresLiveSessions, session: SessionRecord
) -> None:
    sizes = [1, 3, 2, 5, 1, 4] * 5
    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(store.append(session, events(size))) for size in sizes]

    stored = await store.events_after(session.id, session.user_id, 0)
    assert [event.seq for event in stored] == list(range(1, sum(sizes) + 1))
    by_seq = {event.seq: event.payload["n"] for event in stored}
    for writer, size in zip(writers, sizes, strict=True):
        first = writer.result()
        assert [by_seq[first + n] for n in range(size)] == list(range(size))


async def test_append_without_events_keeps_the_numbers(
    store: PostgresLiveSessions, session: SessionRecord
) -> None:
    assert await store.append(session, events(2)) == 1
    assert await store.append(session, [], checkpoint=Checkpoint(audio_ms=40)) == 3
    assert await store.append(session, events(1)) == 3


async def test_an_earlier_epoch_is_refused_and_writes_nothing(
    store: PostgresLiveSessions, session: SessionRecord
) -> None:
    newer = await store.claim(session.id, session.user_id)
    with pytest.raises(StaleOwner):
        await store.append(session, events(2), turns=[ANSWER], checkpoint=Checkpoint(9_999, {"late": True}))
    with pytest.raises(StaleOwner):
        await store.finish(session, events(1), reason="late", summary={}, audio_ms=9_999)

    stored = await store.load(session.id, session.user_id)
    assert stored == newer
    assert await store.events_after(session.id, session.user_id, 0) == []


async def test_checkpoint_moves_audio_forward_only_and_keeps_an_old_snapshot(
    store: PostgresLiveSessions, session: SessionRecord
) -> None:
    await store.append(session, [], checkpoint=Checkpoint(4_000, {"phase": "p2_talk"}))
    await store.append(session, [], checkpoint=Checkpoint(3_000))

    stored = await store.load(session.id, session.user_id)
    assert stored is not None
    assert (stored.audio_ms, stored.snapshot) == (4_000, {"phase": "p2_talk"})


async def test_a_turn_stored_twice_is_replaced(
    database: Database, store: PostgresLiveSessions, session: SessionRecord
) -> None:
    turn = replace(ANSWER, id=uuid4())
    better = replace(turn, text="I live in Tashkent now.", end_ms=2_600, words=[{"text": "I"}])
    await store.append(session, events(1), turns=[turn])
    await store.append(session, events(1), turns=[better])

    detail = await PostgresSessions(database).detail(session.user_id, session.id)
    assert detail is not None
    assert detail.turns == [better]


async def test_a_turn_of_another_session_cannot_be_overwritten(
    database: Database, store: PostgresLiveSessions, session: SessionRecord, bob: UUID
) -> None:
    turn = replace(ANSWER, id=uuid4())
    await store.append(session, [], turns=[turn])
    other = await PostgresSessions(database).create(bob, mode="part1", clock="standard", plan={})
    claimed = await store.claim(other.id, bob)

    with pytest.raises(Exception, match="row-level security"):
        await store.append(claimed, events(1), turns=[replace(turn, text="mine now")])

    detail = await PostgresSessions(database).detail(session.user_id, session.id)
    assert detail is not None
    assert detail.turns == [turn]
    assert await store.events_after(other.id, bob, 0) == []


async def test_finish_ends_the_session_and_queues_its_analysis(
    database: Database, store: PostgresLiveSessions, session: SessionRecord
) -> None:
    await store.append(session, events(3))
    summary_ready = NewEvent("session.summary_ready", {"type": "session.summary_ready", "summary": {}})

    first = await store.finish(
        session, [summary_ready], reason="completed", summary={"words": 120}, audio_ms=61_000
    )
    again = await store.finish(session, [summary_ready], reason="again", summary={"words": 0}, audio_ms=0)

    assert (first, again) == (4, 4)
    detail = await PostgresSessions(database).detail(session.user_id, session.id)
    assert detail is not None
    assert detail.session.status == "ended"
    assert detail.session.end_reason == "completed"
    assert detail.session.summary == {"words": 120}
    assert detail.session.audio_ms == 61_000
    assert detail.session.ended_at is not None
    assert detail.analysis_status == "queued"
    assert [e.seq for e in await store.events_after(session.id, session.user_id, 2)] == [3, 4]


async def test_an_ended_session_stays_as_it_was(store: PostgresLiveSessions, session: SessionRecord) -> None:
    await store.finish(session, [], reason="completed", summary={}, audio_ms=0)

    with pytest.raises(StaleOwner):
        await store.append(session, events(1), turns=[ANSWER])
    with pytest.raises(LookupError):
        await store.claim(session.id, session.user_id)


async def test_nul_characters_and_a_long_reason_do_not_keep_a_session_from_ending(
    store: PostgresLiveSessions, session: SessionRecord
) -> None:
    payload = {
        "type": "warning",
        "message": "a\x00b",
        "li\x00st": ["\x00", {"deep": "x\x00"}],
        "plain": "\\u0000",
    }
    await store.append(
        session, [NewEvent("warning", payload)], turns=[replace(ANSWER, id=uuid4(), text="a\x00b")]
    )
    await store.finish(session, [], reason="\x00" + "r" * 500, summary={"s": "\x00"}, audio_ms=0)

    [event] = await store.events_after(session.id, session.user_id, 0)
    assert event.payload == {
        "type": "warning",
        "message": "ab",
        "list": ["", {"deep": "x"}],
        "plain": "\\u0000",
    }
    stored = await store.load(session.id, session.user_id)
    assert stored is not None
    assert (stored.end_reason, stored.summary) == ("r" * 200, {"s": ""})


async def test_events_are_read_in_portions(store: PostgresLiveSessions, session: SessionRecord) -> None:
    await store.append(session, events(7))
    portion = await store.events_after(session.id, session.user_id, 2, limit=3)
    assert [event.seq for event in portion] == [3, 4, 5]


async def test_a_held_session_is_claimed_by_nobody_else_until_it_is_let_go(
    database: Database, store: PostgresLiveSessions, session: SessionRecord
) -> None:
    other = PostgresLiveSessions(database, owner="another process")
    with pytest.raises(LeaseHeld):
        await other.claim(session.id, session.user_id)
    for client in ("a tab", None):
        wish = Wish(session.id, client)
        assert wish not in await store.wanted()
        await other.request_handover(session.id, session.user_id, client)
        assert wish in await store.wanted()
        assert wish not in await other.wanted()

    await store.release(session)
    assert session.id not in {wish.session_id for wish in await store.wanted()}
    newer = await other.claim(session.id, session.user_id)
    assert (newer.epoch, newer.leased) == (session.epoch + 1, True)
    await store.release(session)
    with pytest.raises(LeaseHeld):
        await store.claim(session.id, session.user_id)


async def test_a_lease_runs_out_unless_it_is_written_under(
    database: Database, store: PostgresLiveSessions, session: SessionRecord
) -> None:
    brief = PostgresLiveSessions(database, owner="brief", lease_s=0.0)
    await store.release(session)
    held = await brief.claim(session.id, session.user_id)
    assert not held.leased
    assert session.id in {record.id for record in await store.abandoned(grace_ms=0, limit=1_000)}
    assert session.id not in {record.id for record in await store.abandoned(grace_ms=60_000, limit=1_000)}

    patient = PostgresLiveSessions(database, owner="brief")
    await patient.append(held, [])
    with pytest.raises(LeaseHeld):
        await store.claim(session.id, session.user_id)
    await patient.finish(held, events(1), reason="completed", summary={}, audio_ms=0)
    with pytest.raises(LookupError):
        await store.claim(session.id, session.user_id)


async def test_the_turns_of_a_session_come_back_in_order(
    store: PostgresLiveSessions, session: SessionRecord
) -> None:
    later, earlier = replace(ANSWER, id=uuid4(), index=4), replace(ANSWER, id=uuid4(), index=2)
    await store.append(session, [], turns=[later, earlier])
    assert await store.turns(session.id, session.user_id) == [earlier, later]
