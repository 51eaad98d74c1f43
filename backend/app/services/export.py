"""Everything there is of a learner as one archive, made piece by piece, so that memory stays small.

A zip of JSON documents, recordings and reports. An archive that breaks off has no directory at its end, and
no program takes half of it for the whole.
"""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.reports.keys import report_key
from app.services.speech import BYTES_PER_MS, AudioArchive, AudioNotStored
from app.services.storage import BlobNotFound, BlobStore

PIECE_MS = 30_000
"""How much sound is read from the store at a time."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ExportedSession:
    """A session with the rows of every table that hang under it."""

    id: UUID
    audio_ms: int
    rows: Mapping[str, Rows]


class ExportSource(Protocol):
    """A learner's rows as they lie in the database. Every method raises StorageUnavailable."""

    @property
    def tables(self) -> Sequence[str]:
        """The tables of what belongs to the account itself."""
        ...

    def pages(self, user_id: UUID, table: str) -> AsyncIterator[Rows]:
        """Yield the learner's rows of one of `tables`, some at a time."""
        ...

    def sessions(self, user_id: UUID) -> AsyncIterator[ExportedSession]:
        """Yield the learner's sessions one by one."""
        ...


class Export:
    """Makes archives. `wav_header` gives the header of a recording of so many milliseconds."""

    def __init__(self, source: ExportSource, blobs: BlobStore, *, wav_header: Callable[[int], bytes]) -> None:
        self._source = source
        self._blobs = blobs
        self._wav_header = wav_header

    async def archive(self, user_id: UUID, *, now: datetime) -> AsyncIterator[bytes]:
        """Yield the bytes of the learner's archive. Raises StorageUnavailable, at the beginning or later."""
        zipped, missing = _ZipStream(), list[str]()
        for table in self._source.tables:
            async for chunk in zipped.file(f"{table}.json", self._rows(user_id, table)):
                yield chunk
        async for session in self._source.sessions(user_id):
            folder = f"sessions/{session.id}"
            async for chunk in zipped.file(f"{folder}/session.json", _document(session.rows)):
                yield chunk
            if session.audio_ms:
                wav = self._recording(session, missing)
                async for chunk in zipped.file(f"{folder}/recording.wav", wav, compressed=False):
                    yield chunk
            try:
                pdf = await self._blobs.get(report_key(session.id))
            except BlobNotFound:
                continue
            async for chunk in zipped.file(f"{folder}/report.pdf", _once(pdf), compressed=False):
                yield chunk
        about = {"account": str(user_id), "exported_at": now.isoformat(), "recordings_with_gaps": missing}
        async for chunk in zipped.file("about.json", _document(about)):
            yield chunk
        yield zipped.end()

    async def _rows(self, user_id: UUID, table: str) -> AsyncIterator[bytes]:
        """Yield a JSON list, a page of rows at a time."""
        before = b"["
        async for page in self._source.pages(user_id, table):
            yield before + await asyncio.to_thread(_joined, page)
            before = b",\n"
        yield b"[]" if before == b"[" else b"]"

    async def _recording(self, session: ExportedSession, missing: list[str]) -> AsyncIterator[bytes]:
        """Yield the recording as a WAV file; what is not stored is silent, and noted in `missing`."""
        archive = AudioArchive(self._blobs)
        yield self._wav_header(session.audio_ms)
        for start_ms in range(0, session.audio_ms, PIECE_MS):
            end_ms = min(session.audio_ms, start_ms + PIECE_MS)
            try:
                yield await archive.read_pcm(session.id, start_ms, end_ms)
            except AudioNotStored as gap:
                heard = await archive.read_pcm(session.id, start_ms, gap.missing_ms)
                yield heard.ljust((end_ms - start_ms) * BYTES_PER_MS, b"\0")
                missing.append(f"{session.id} from {gap.missing_ms} ms")


class _ZipStream:
    """A zip that is given away as it is made."""

    def __init__(self) -> None:
        self._made = _Made()
        self._zip = zipfile.ZipFile(self._made, "w")

    async def file(
        self, name: str, chunks: AsyncIterator[bytes], *, compressed: bool = True
    ) -> AsyncIterator[bytes]:
        """Add a file; yield what there is of the zip meanwhile.

        Documents are compressed in a thread: those of a long session would keep everybody else waiting.
        """
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as written:
            async for chunk in chunks:
                if compressed:
                    await asyncio.to_thread(written.write, chunk)
                else:
                    written.write(chunk)
                if made := self._made.taken():
                    yield made
        yield self._made.taken()

    def end(self) -> bytes:
        """Return the end of the zip, its directory."""
        self._zip.close()
        return self._made.taken()


class _Made:
    """Where the zip is written to."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """Keep what was made."""
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: it is taken when it is wanted."""

    def close(self) -> None:
        """Do nothing: there is no file."""

    def taken(self) -> bytes:
        """Return what was made since the last time."""
        made = b"".join(self._chunks)
        self._chunks.clear()
        return made


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _document(value: object) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(_json, value)


def _joined(page: Rows) -> bytes:
    return b",\n".join(map(_json, page))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
