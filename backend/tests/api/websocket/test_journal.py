"""Durable events: numbered at once, stored in order, released only once stored."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from uuid import uuid4

import msgspec
import pytest

from app.api.websocket.chore import Chore
from app.api.websocket.clock import Clock
from app.api.websocket.event_log import EventLog
from app.api.websocket.journal import Journal
from app.api.websocket.protocol import SummaryReady, WarningEvent
from app.services.errors import StorageUnavailable
from app.services.session_store import SessionRecord, StaleOwner, StoredEvent
from tests.fakes.store import MemoryStore
from tests.virtual_time import virtual_time


def note(text: str) -> WarningEvent:
    return WarningEvent(code="note", message=text)


class Desk:
    """A journal with its store and log."""

    def __init__(self, store: MemoryStore, record: SessionRecord) -> None:
        async def read(seq: int, limit: int) -> list[StoredEvent]:
            return await store.events_after(record.id, record.user_id, seq, limit)

        self.store = store
        self.record = record
        self.log = EventLog(read, tail_bytes=400)
        self.journal = Journal(store, record, self.log, Clock(), patience_ms=10_000)
        self.storing: asyncio.Task[None] | None = None
        self.chore = Chore(self._own, self.journal.store, "journal")
        self.journal.on_added = self.chore.poke

    def _own(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        self.storing = asyncio.create_task(work, name=name)
        return self.storing

    async def stored(self) -> list[str]:
        events = await self.store.events_after(self.record.id, self.record.user_id, 0)
        return [event.payload["message"] for event in events]


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    store = MemoryStore()
    created = store.create(uuid4())
    desk = Desk(store, await store.claim(created.id, created.user_id))
    desk.chore.begin()
    yield desk
    if desk.storing is not None:
        desk.storing.cancel()


@virtual_time
async def test_events_are_numbered_when_added_and_released_when_stored() -> None:
    async with desk() as d:
        assert d.journal.add(note("a"), note("b")) == 2
        assert d.journal.add(note("c")) == 3
        assert d.log.last_seq == 0
        await d.journal.settled()
        assert d.log.last_seq == 3
        assert await d.stored() == ["a", "b", "c"]


@virtual_time
async def test_nothing_is_released_before_it_is_stored_and_retries_keep_the_order() -> None:
    async with desk() as d:
        d.store.fail(3)
        d.journal.add(note("a"))
        await asyncio.sleep(0.25)
        d.journal.add(note("b"))
        assert d.log.last_seq == 0
        await d.journal.settled()
        assert await d.stored() == ["a", "b"]
        assert [event.seq for event in await d.log.after(0)] == [1, 2]


@virtual_time
async def test_a_write_whose_answer_was_lost_is_not_written_twice() -> None:
    async with desk() as d:
        d.store.fail(1, lost_answers=True)
        d.journal.add(note("a"))
        d.journal.add(note("b"))
        await d.journal.settled()
        assert await d.stored() == ["a", "b"]
        assert d.log.last_seq == 2


@virtual_time
async def test_a_store_that_stays_away_ends_the_patience() -> None:
    async with desk() as d:
        d.store.fail(1_000)
        d.journal.add(note("a"))
        assert d.storing is not None
        with pytest.raises(StorageUnavailable):
            await d.storing
        assert d.log.last_seq == 0


@virtual_time
async def test_what_could_not_be_written_is_written_by_the_next_run() -> None:
    async with desk() as d:
        d.store.fail(1_000)
        d.journal.add(note("a"))
        assert d.storing is not None
        with pytest.raises(StorageUnavailable):
            await d.storing
        d.journal.add(note("b"))
        d.store.fail(0)
        d.chore.begin()
        await d.journal.settled()
        assert await d.stored() == ["a", "b"]


@virtual_time
async def test_another_owner_is_noticed() -> None:
    async with desk() as d:
        await d.store.claim(d.record.id, d.record.user_id)
        d.journal.add(note("a"))
        assert d.storing is not None
        with pytest.raises(StaleOwner):
            await d.storing


@virtual_time
async def test_the_end_comes_after_everything_else_and_survives_a_lost_answer() -> None:
    async with desk() as d:
        d.journal.add(note("a"))
        d.store.fail(0)
        await d.journal.settled()
        d.store.fail(1, lost_answers=True)
        await d.journal.finish(
            SummaryReady(summary={"n": 1}), reason="completed", summary={"n": 1}, audio_ms=5
        )
        assert [event.type for event in await d.log.after(0)] == ["warning", "session.summary_ready"]
        assert d.store.queued_analyses == [d.record.id]


@virtual_time
async def test_events_that_left_memory_are_read_from_the_store() -> None:
    async with desk() as d:
        for n in range(30):
            d.journal.add(note(f"{n}"))
        await d.journal.settled()
        read, seq = [], 0
        while events := await d.log.after(seq, limit=7):
            read += [msgspec.json.decode(event.data)["message"] for event in events]
            seq = events[-1].seq
        assert read == [f"{n}" for n in range(30)]
        assert (await d.log.after(28))[0].seq == 29
