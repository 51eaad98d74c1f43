"""The learner's account: what is kept about a person, and how all of it is erased."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.reports.keys import report_folder
from app.services.speech.audio_keys import audio_folder
from app.services.storage import BlobStore
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

    async def session_ids(self, user_id: UUID) -> list[UUID]:
        """Return every session of the user."""
        ...

    async def erase(self, user_id: UUID) -> bool:
        """Remove the user and every row that belongs to them; False when there was nobody."""
        ...


async def erase_account(
    user_id: UUID, accounts: AccountStore, blobs: BlobStore, erased: Callable[[UUID], None]
) -> None:
    """Remove everything there is of the user: files, rows, and what a session still live adds meanwhile.

    `erased` is told of each session whose rows are gone, for its sockets to be closed.
    Raises StorageUnavailable; until the rows are gone it can be repeated.
    """
    sessions = await accounts.session_ids(user_id)
    await _erase_files(sessions, blobs)
    # Without its row a live session cannot write events any more and ends; its last sound goes after it.
    await accounts.erase(user_id)
    for session_id in sessions:
        erased(session_id)
    await _erase_files(sessions, blobs)


async def _erase_files(sessions: list[UUID], blobs: BlobStore) -> None:
    for session_id in sessions:
        await blobs.delete(audio_folder(session_id))
        await blobs.delete(report_folder(session_id))
