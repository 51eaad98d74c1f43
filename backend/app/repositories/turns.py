"""Turns in PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection
from app.repositories.jsonb import jsonb, storable_text
from app.services.session_store import TurnRecord

_COLUMNS = """
    id, idx as index, speaker, part, kind, question_id, frame_conformance, text, start_ms, end_ms, words,
    spans, analysis, untranscribed
"""
_REPLACE = """
    insert into turns (id, session_id, user_id, idx, speaker, part, kind, question_id, frame_conformance,
                       text, start_ms, end_ms, words, spans, analysis, untranscribed)
    values (%(id)s, %(session_id)s, %(user_id)s, %(idx)s, %(speaker)s, %(part)s, %(kind)s, %(question_id)s,
            %(frame_conformance)s, %(text)s, %(start_ms)s, %(end_ms)s, %(words)s, %(spans)s, %(analysis)s,
            %(untranscribed)s)
    on conflict (id) do update
    set speaker = excluded.speaker, part = excluded.part, kind = excluded.kind,
        question_id = excluded.question_id, frame_conformance = excluded.frame_conformance,
        text = excluded.text, start_ms = excluded.start_ms, end_ms = excluded.end_ms, words = excluded.words,
        spans = excluded.spans, analysis = excluded.analysis, untranscribed = excluded.untranscribed
"""


async def turns_of(connection: Connection, session_id: UUID) -> list[TurnRecord]:
    """Return the session's turns in order, as far as the connection's role may see them."""
    cursor = connection.cursor(row_factory=class_row(TurnRecord))
    await cursor.execute(f"select {_COLUMNS} from turns where session_id = %s order by idx", (session_id,))
    return await cursor.fetchall()


async def put_turns(
    connection: Connection, session_id: UUID, user_id: UUID, turns: Sequence[TurnRecord]
) -> None:
    """Store the turns; one that is already stored (same id) is replaced, its place in the order kept."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            _REPLACE,
            [
                {
                    "id": turn.id,
                    "session_id": session_id,
                    "user_id": user_id,
                    "idx": turn.index,
                    "speaker": turn.speaker,
                    "part": turn.part,
                    "kind": turn.kind,
                    "question_id": turn.question_id,
                    "frame_conformance": turn.frame_conformance,
                    "text": storable_text(turn.text),
                    "start_ms": turn.start_ms,
                    "end_ms": turn.end_ms,
                    "words": jsonb(turn.words),
                    "spans": jsonb(turn.spans),
                    "analysis": None if turn.analysis is None else jsonb(turn.analysis),
                    "untranscribed": turn.untranscribed,
                }
                for turn in turns
            ],
        )
