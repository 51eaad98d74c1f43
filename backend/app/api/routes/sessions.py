"""Sessions: /api/v1/sessions."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.responses import StreamingResponse

from app.api.cursor import CursorInvalid, decode_cursor, encode_cursor
from app.api.deps import CurrentUser, Parts, RestParts
from app.api.errors import (
    BadCursor,
    PracticeTopicNotFound,
    RangeNotSatisfiable,
    RecordingNotFound,
    SessionNotFound,
    documented,
)
from app.api.models import (
    CreatedSession,
    ListedSession,
    NewSession,
    SessionList,
    SessionWithTurns,
    SocketTicket,
    Stretch,
)
from app.api.wav import RangeOutside, Slice, WavFile, parse_range
from app.services.conversation import TopicUnknown
from app.services.socket_tickets import LIFE_S
from app.services.speech import AudioArchive, AudioNotStored

PIECE_MS = 30_000
"""How much sound is read from the store at a time."""

router = APIRouter(prefix="/sessions", tags=["sessions"], responses=documented(400, 401, 422, 503))


@router.get("")
async def list_sessions(
    user: CurrentUser,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=64, description="`next_cursor` of the part before.")
    ] = None,
) -> SessionList:
    """Return the learner's sessions, newest first."""
    try:
        after = None if cursor is None else decode_cursor(cursor)
    except CursorInvalid as invalid:
        raise BadCursor from invalid
    page = await parts.sessions.page(user.user_id, limit=limit, after=after)
    return SessionList(
        items=[ListedSession.of(session) for session in page.items],
        next_cursor=encode_cursor(page.following) if page.following else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED, responses=documented(404))
async def create_session(
    new: NewSession, user: CurrentUser, parts: Parts, request: Request, response: Response
) -> CreatedSession:
    """Set up an exam or a practice. It begins when a client starts it on the socket at `websocket_url`."""
    earlier = await parts.sessions.earlier_plans(user.user_id)
    focus = () if new.mode == "practice" else await parts.training.focus(user.user_id)
    try:
        plan = parts.plan(new.mode, earlier, part=new.part, topic=new.topic, focus=focus)
    except TopicUnknown as unknown:
        raise PracticeTopicNotFound from unknown
    created = await parts.sessions.create(
        user.user_id,
        mode=new.mode,
        clock=new.clock or parts.default_clock,
        plan=plan,
    )
    response.headers["Location"] = request.app.url_path_for("read_session", session_id=str(created.id))
    socket = request.base_url.replace(scheme="wss" if request.base_url.scheme == "https" else "ws")
    return CreatedSession.of(created, f"{str(socket).rstrip('/')}/ws/{created.id}")


@router.get("/{session_id}", responses=documented(404))
async def read_session(session_id: UUID, user: CurrentUser, parts: Parts) -> SessionWithTurns:
    """Return a session with its turns, their words and times, and the transcript."""
    detail = await parts.sessions.detail(user.user_id, session_id)
    if detail is None:
        raise SessionNotFound
    return SessionWithTurns.of(detail)


@router.post("/{session_id}/ticket", status_code=status.HTTP_201_CREATED, responses=documented(404))
async def issue_ticket(session_id: UUID, user: CurrentUser, parts: Parts) -> SocketTicket:
    """Give a ticket that opens this session's socket once, within a minute, for a client that cannot send the
    token in a header: it may stand in the address, as `?ticket=`."""
    if await parts.sessions.get(user.user_id, session_id) is None:
        raise SessionNotFound
    return SocketTicket(ticket=await parts.tickets.issue(user.user_id, session_id), expires_in=LIFE_S)


@router.get(
    "/{session_id}/audio",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"audio/wav": {}}, "description": "16 kHz mono PCM16."},
        206: {"content": {"audio/wav": {}}, "description": "The part that the Range header asks for."},
        **documented(404, 416),
    },
)
async def read_audio(
    session_id: UUID,
    stretch: Annotated[Stretch, Query()],
    user: CurrentUser,
    parts: Parts,
    *,
    range_header: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header(alias="If-Range")] = None,
) -> StreamingResponse:
    """Return the learner's own recording, or the stretch from `start_ms` to `end_ms` of it, as a WAV file."""
    wav = await _recorded(parts, user.user_id, session_id, stretch)
    await parts.audit.note_read(user.user_id, "recording.read", f"session/{session_id}")
    etag = f'"{session_id.hex}-{wav.start_ms}-{wav.end_ms}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "private, no-cache"}
    whole = Slice(0, wav.size)
    try:
        part = parse_range(range_header if if_range in {None, etag} else None, wav.size)
    except RangeOutside as outside:
        raise RangeNotSatisfiable(
            "The range begins behind the end of the recording.",
            headers={"Content-Range": f"bytes */{wav.size}"},
        ) from outside
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{wav.size}"
    sent = part or whole
    headers["Content-Length"] = str(sent.size)
    archive = AudioArchive(parts.blobs)
    body = wav.read(sent, lambda start, end: _pieces(archive, session_id, start, end))
    return StreamingResponse(
        await _begun(body),
        status_code=status.HTTP_200_OK if part is None else status.HTTP_206_PARTIAL_CONTENT,
        media_type="audio/wav",
        headers=headers,
    )


async def _recorded(parts: RestParts, user_id: UUID, session_id: UUID, stretch: Stretch) -> WavFile:
    session = await parts.sessions.get(user_id, session_id)
    if session is None:
        raise SessionNotFound
    if session.audio_deleted_at is not None:
        raise RecordingNotFound(
            f"The recording was removed on {session.audio_deleted_at:%d %B %Y}, as all are after some time."
        )
    end_ms = min(session.audio_ms, session.audio_ms if stretch.end_ms is None else stretch.end_ms)
    if stretch.start_ms >= end_ms:
        raise RecordingNotFound(f"{session.audio_ms} ms are recorded in this session.")
    return WavFile(stretch.start_ms, end_ms)


async def _pieces(
    archive: AudioArchive, session_id: UUID, start_ms: int, end_ms: int
) -> AsyncIterator[bytes]:
    for begin_ms in range(start_ms, end_ms, PIECE_MS):
        yield await archive.read_pcm(session_id, begin_ms, min(end_ms, begin_ms + PIECE_MS))


async def _begun(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Read the first sound before the answer begins: a store that is down must not look like a short file."""
    head: list[bytes] = []
    try:
        async for chunk in body:
            head.append(chunk)
            if len(head) == 2:
                break
    except AudioNotStored as missing:
        raise RecordingNotFound("This stretch of the recording is not stored (any more).") from missing

    async def rest() -> AsyncIterator[bytes]:
        for chunk in head:
            yield chunk
        async for chunk in body:
            yield chunk

    return rest()
