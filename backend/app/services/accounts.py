"""The learner's account: what is kept about a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.training_engine import Algorithm


class UnknownUser(Exception):
    """There is no such user (any more): the account was erased while its token was still good."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the learner told us. `target_band` is 1-9 in half steps, languages are BCP 47 tags, `time_zone` is
    an IANA name; `scheduler` decides when drills come back."""

    id: UUID
    display_name: str | None
    native_language: str
    interface_language: str
    target_band: float | None
    exam_date: date | None
    time_zone: str
    scheduler: Algorithm
    created_at: datetime
    updated_at: datetime


class AccountStore(Protocol):
    """Accounts, seen as the learner they belong to."""

    async def profile(self, user_id: UUID) -> Profile:
        """Return the user's profile, made on first use. Raises UnknownUser."""
        ...

    async def update(self, user_id: UUID, changes: Mapping[str, Any]) -> Profile:
        """Change the named fields and return the profile as it is then. Raises UnknownUser."""
        ...
