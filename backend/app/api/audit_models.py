"""The audit log as JSON."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, Field

from app.services.audit import Actor, AuditEntry

EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class AuditRow(BaseModel):
    """One thing that was done."""

    n: int = Field(description="Its place in the learner's log, from 1, without gaps.", examples=[7])
    at: AwareDatetime
    actor: Actor = Field(description="The learner, a service in the background, or the system itself.")
    action: str = Field(examples=["session.created"])
    record: str | None = Field(description="Kind and id.", examples=["session/2f1c…"])
    details: dict[str, Any] = Field(description="Names of what was changed, never what was in it.")
    origin: str | None = Field(description="The network, not the address.", examples=["203.0.113.0/24"])
    request_id: str | None
    prev: str = Field(description="The hash of the row before.", examples=["0" * 64])
    hash: str = Field(examples=[EXAMPLE_HASH])

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Show the row."""
        return cls(
            n=entry.n,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            record=entry.record,
            details=entry.details,
            origin=entry.origin,
            request_id=entry.request_id,
            prev=entry.prev,
            hash=entry.hash,
        )


class AuditLog(BaseModel):
    """A part of the log, newest first."""

    items: list[AuditRow]
    next_cursor: str | None = Field(description="Asks for the next part; null after the last.")

    @classmethod
    def of(cls, entries: Sequence[AuditEntry], *, limit: int) -> Self:
        """Show at most `limit` rows, of which `entries` may hold one more."""
        shown = entries[:limit]
        following = str(shown[-1].n) if len(entries) > limit else None
        return cls(items=[AuditRow.of(entry) for entry in shown], next_cursor=following)
