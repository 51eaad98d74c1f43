"""Erasing an account: its rows at once, then its files, with a receipt that names nobody.

The rows go in one transaction, which also writes the receipt and which sessions' files are left. What is
interrupted after that is finished by whoever keeps house.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from app.services.accounts import UnknownUser
from app.services.errors import StorageUnavailable
from app.services.reports.keys import REPORTS, report_folder
from app.services.speech.audio_keys import AUDIO, audio_folder
from app.services.storage import BlobStore

AT_ONCE = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased: `rows` by table, and `files`, all of them by `finished_at` (None: some are left)."""

    id: UUID
    erased_at: datetime
    finished_at: datetime | None
    rows: Mapping[str, int]
    files: int
    sessions_left: Sequence[UUID]


class ErasureStore(Protocol):
    """Accounts as they are erased. Every method raises StorageUnavailable."""

    async def erase(self, user_id: UUID) -> Receipt | None:
        """Remove the user and every row that belongs to them; the receipt of before for one who is gone.

        None for a user who never was.
        """
        ...

    async def finished(self, receipt_id: UUID, *, files: int) -> Receipt:
        """Note that the files are gone too, and how many there were."""
        ...

    async def unfinished(self, *, limit: int) -> list[Receipt]:
        """Return receipts with files left, the oldest first."""
        ...

    async def gone(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return which of the sessions do not exist any more."""
        ...


class Erasure:
    """Erases accounts. `erased` is told of each session whose rows are gone, for its sockets to be closed."""

    def __init__(
        self,
        store: ErasureStore,
        blobs: BlobStore,
        erased: Callable[[UUID], None] = lambda session_id: None,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._erased = erased

    async def erase(self, user_id: UUID) -> Receipt:
        """Erase everything there is of the user; for one who was erased before, what is left, if anything.

        Files that cannot be removed now are removed later: then the receipt is not finished. Raises
        UnknownUser, and StorageUnavailable with nothing changed.
        """
        receipt = await self._store.erase(user_id)
        if receipt is None:
            raise UnknownUser
        for session_id in receipt.sessions_left:
            self._erased(session_id)
        try:
            return await self._finish(receipt)
        except StorageUnavailable as unavailable:
            log.warning("erasure.put_off", receipt_id=str(receipt.id), reason=str(unavailable))
            return receipt

    async def finish_all(self) -> int:
        """Remove the files of accounts whose erasure was interrupted; return how many accounts there were."""
        receipts = await self._store.unfinished(limit=AT_ONCE)
        for receipt in receipts:
            await self._finish(receipt)
        return len(receipts)

    async def sweep(self) -> int:
        """Remove files of sessions that do not exist, such as sound that was under way when its account was
        erased; return how many sessions there were."""
        removed = 0
        for parent in (AUDIO, REPORTS):
            names = [name for name in await self._blobs.folders(parent) if _is_id(name)]
            for begin in range(0, len(names), AT_ONCE):
                for session_id in await self._store.gone(
                    [UUID(name) for name in names[begin : begin + AT_ONCE]]
                ):
                    await self._remove(session_id)
                    removed += 1
        return removed

    async def _finish(self, receipt: Receipt) -> Receipt:
        if receipt.finished_at is not None:
            return receipt
        files = 0
        for session_id in receipt.sessions_left:
            files += await self._remove(session_id)
        return await self._store.finished(receipt.id, files=files)

    async def _remove(self, session_id: UUID) -> int:
        files = 0
        for folder in (audio_folder(session_id), report_folder(session_id)):
            files += len(await self._blobs.keys(folder))
            await self._blobs.delete(folder)
        return files


def _is_id(name: str) -> bool:
    """Whether a folder is named for a session; what else lies there is not ours to remove."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
