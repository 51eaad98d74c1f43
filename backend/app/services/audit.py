"""The audit log: who did what to which of a learner's records, when and from which network.

Every learner has a chain of their own: each row carries the hash of the row before it, and the chain's head
that of the last. A row that is changed, removed or put in shows, in one learner's chain without reading the
others'. Free text never enters the log: a change names columns, not what is in them.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

Actor = Literal["learner", "service", "system"]
ReadAction = Literal["recording.read", "report.read", "data.exported"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of a learner's log. `record` is `kind/id`; `hash` covers everything else and `prev`."""

    n: int
    at: datetime
    actor: Actor
    action: str
    record: str | None
    details: dict[str, Any]
    origin: str | None
    request_id: str | None
    prev: str
    hash: str


class AuditArchive(Protocol):
    """A learner's own log. Every method raises StorageUnavailable."""

    async def page(self, user_id: UUID, *, limit: int, before: int | None) -> list[AuditEntry]:
        """Return the learner's rows, newest first; with `before` only those numbered below it."""
        ...

    async def note_read(self, user_id: UUID, action: ReadAction, record: str) -> None:
        """Note that something of the learner's is about to be read, unless that was noted minutes ago."""
        ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row as the check reads it: its fields as JSON texts, in the order in which they are hashed."""

    n: int
    fields: tuple[str, ...]
    prev: str
    hash: str

    @property
    def computed(self) -> str:
        """The hash that the row should carry: of its fields as PostgreSQL writes a JSON array."""
        return hashlib.sha256(f"[{', '.join(self.fields)}]".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends (`n`, `hash`), and where it begins after what retention has removed."""

    n: int
    hash: str
    base_n: int
    base_hash: str


@dataclass(frozen=True, slots=True)
class Link:
    """A head with one row of its chain; without a row for an empty chain, without a head for stray rows."""

    user_id: UUID
    head: Head | None
    row: Sealed | None


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which a chain does not hold."""

    user_id: UUID
    n: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How much was checked, and what was found first; None when every chain holds."""

    chains: int
    rows: int
    broken: Broken | None


def json_text(value: str | int | None) -> str:
    """Return a scalar as PostgreSQL writes it in a JSON array."""
    return json.dumps(value, ensure_ascii=False)


async def check_chains(links: AsyncIterator[Link]) -> ChainReport:
    """Check chains whose links come learner by learner, in order of `n`; stop at the first that is broken."""
    chains = rows = 0
    last: Link | None = None
    async for link in links:
        before = last if last is not None and last.user_id == link.user_id else None
        if before is None:
            if last is not None and (broken := _cut_short(last)):
                return ChainReport(chains, rows, broken)
            chains += 1
        rows += link.row is not None
        if broken := _misplaced(link, before):
            return ChainReport(chains, rows, broken)
        last = link
    return ChainReport(chains, rows, None if last is None else _cut_short(last))


def _misplaced(link: Link, before: Link | None) -> Broken | None:
    head, row = link.head, link.row
    if head is None:
        return Broken(link.user_id, 0 if row is None else row.n, "the chain has no head")
    if row is None:
        return None
    follows = before.row if before is not None else None
    n, prev = (head.base_n, head.base_hash) if follows is None else (follows.n, follows.hash)
    if row.n != n + 1:
        return Broken(link.user_id, n + 1, "the row is missing")
    if row.computed != row.hash:
        return Broken(link.user_id, row.n, "the row was changed")
    if row.prev != prev:
        return Broken(link.user_id, row.n, "the row does not follow the one before it")
    return None


def _cut_short(last: Link) -> Broken | None:
    """Whether the chain ends before, or elsewhere than, its head says."""
    head, row = last.head, last.row
    assert head is not None
    n, end = (head.base_n, head.base_hash) if row is None else (row.n, row.hash)
    if n < head.n:
        return Broken(last.user_id, n + 1, "the row is missing")
    if n > head.n or end != head.hash:
        return Broken(last.user_id, n, "the chain's head says something else")
    return None
