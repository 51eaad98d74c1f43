"""Writing durable events: numbered when they happen, stored in order, released only once stored."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import structlog

from app.api.websocket.clock import Clock
from app.api.websocket.event_log import EventLog
from app.api.websocket.protocol import ServerEvent
from app.services.errors import StorageUnavailable
from app.services.flag import Flag
from app.services.new_id import new_id
from app.services.session_store import (
    Checkpoint,
    NewEvent,
    SessionRecord,
    SessionStore,
    StaleOwner,
    StoredEvent,
    TurnRecord,
)

FIRST_RETRY_MS = 100
LAST_RETRY_MS = 4_000

log = structlog.get_logger()


@dataclass(slots=True)
class _Batch:
    events: list[NewEvent] = field(default_factory=list)
    turns: dict[UUID, TurnRecord] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    filled: bool = False


def _nobody() -> None:
    """Nobody stores anything yet."""


class Journal:
    """The only writer of a session's log.

    Events get their number when they are added, because nobody else may write while the session's epoch is
    current; the store confirms it. What is added while a write is under way goes into the next transaction
    together. `on_added`, set by whoever calls `store`, is called when there is something to store. `state`
    gives the checkpoint that every transaction carries, so that a process that takes the session over never
    finds an event without its cause; `on_stored` is told each once it is stored.
    """

    def __init__(
        self,
        store: SessionStore,
        session: SessionRecord,
        events: EventLog,
        clock: Clock,
        *,
        patience_ms: int,
        state: Callable[[], Checkpoint] | None = None,
        on_stored: Callable[[Checkpoint | None], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._session = session
        self._events = events
        self._clock = clock
        self._patience_ms = patience_ms
        self.on_added: Callable[[], None] = _nobody
        self._state = state
        self._on_stored = on_stored
        self._batch = _Batch()
        self._writing = _Batch()
        self._idle = Flag()
        self._idle.set()
        self.last_seq = events.last_seq

    def add(self, *events: ServerEvent, turns: Sequence[TurnRecord] = ()) -> int:
        """Queue events and turns, or nothing but the state; return the number of the last event so far."""
        self._batch.events += [self._new(event) for event in events]
        self._batch.turns.update((turn.id, turn) for turn in turns)
        self._batch.filled = True
        self.last_seq += len(events)
        self._idle.clear()
        self.on_added()
        return self.last_seq

    async def store(self) -> None:
        """Store what was added and is being added, until nothing is left. Raises StaleOwner and
        StorageUnavailable.

        What was being written when it broke off is written first the next time.
        """
        left_over = self._writing.filled
        while True:
            if not self._writing.filled and self._batch.filled:
                self._writing, self._batch = self._batch, _Batch()
                self._writing.checkpoint = None if self._state is None else self._state()
            if not self._writing.filled:
                self._idle.set()
                return
            await self._append(self._writing, maybe_stored=left_over)
            left_over = False
            self._written()

    def _written(self) -> None:
        checkpoint, self._writing = self._writing.checkpoint, _Batch()
        self._on_stored(checkpoint)

    async def settled(self) -> None:
        """Return once everything added so far is stored."""
        await self._idle.wait()

    async def finish(
        self, event: ServerEvent, *, reason: str, summary: dict[str, Any], audio_ms: int
    ) -> None:
        """Store the session's last event together with its end. Raises StaleOwner and StorageUnavailable."""
        await self.settled()
        last = [self._new(event)]
        self.last_seq += 1
        await self._write(
            last,
            lambda: self._store.finish(
                self._session, last, reason=reason, summary=summary, audio_ms=audio_ms
            ),
        )

    def _new(self, event: ServerEvent) -> NewEvent:
        stamped = msgspec.structs.replace(event, event_id=new_id().hex, ts=self._clock.unix_ms())
        payload = msgspec.to_builtins(stamped)
        return NewEvent(type=payload["type"], payload=payload)

    async def _append(self, batch: _Batch, *, maybe_stored: bool) -> None:
        turns = list(batch.turns.values())

        async def write() -> int:
            return await self._store.append(
                self._session, batch.events, turns=turns, checkpoint=batch.checkpoint
            )

        await self._write(batch.events, write, maybe_stored=maybe_stored)

    async def _write(
        self, events: Sequence[NewEvent], write: Callable[[], Awaitable[int]], *, maybe_stored: bool = False
    ) -> None:
        first = await self._patiently(events, write, maybe_stored=maybe_stored)
        self._events.release(
            [StoredEvent(first + i, event.type, event.payload) for i, event in enumerate(events)]
        )

    async def _patiently(
        self, events: Sequence[NewEvent], write: Callable[[], Awaitable[int]], *, maybe_stored: bool
    ) -> int:
        give_up_ms = self._clock.now_ms() + self._patience_ms
        wait_ms = FIRST_RETRY_MS
        expected = self._events.last_seq + 1
        while True:
            if maybe_stored and events and await self._went_through():
                return expected
            try:
                first = await write()
            except StorageUnavailable as failure:
                if self._clock.now_ms() + wait_ms > give_up_ms:
                    raise
                log.warning("session.store_retry", reason=str(failure))
            else:
                if events and first != expected:
                    raise StaleOwner(f"Event {expected} was stored as {first}.")
                return first
            maybe_stored = True
            await self._clock.sleep_until(self._clock.now_ms() + wait_ms)
            wait_ms = min(LAST_RETRY_MS, wait_ms * 2)

    async def _went_through(self) -> bool:
        """Whether a write whose answer was lost has been committed after all."""
        try:
            return bool(
                await self._store.events_after(
                    self._session.id, self._session.user_id, self._events.last_seq, 1
                )
            )
        except Exception:
            log.warning("session.store_unreadable", session_id=str(self._session.id), exc_info=True)
            return False
