"""The transport benchmark's server: the product's handlers, actors and writers, with silent models.

Its memory is kept as the product's is: its threads share their heaps, and what nothing uses is given back.

Sessions are kept in memory; the microphone signals go to a folder, through the product's own blob store.
"""

import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from fastapi import FastAPI

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.api.auth import SharedSecret, TokenVerifier
from app.api.websocket.authentication import Authenticator
from app.api.websocket.handlers import Gate, session_router
from app.api.websocket.limits import Limits
from app.api.websocket.parts import SessionParts
from app.api.websocket.session_manager import SessionManager
from app.background import beside
from app.memory import keep_giving_back, share_heaps
from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis, TurnFeedback
from app.services.session_plans import exam_of
from app.services.session_store import SessionRecord
from bench.parts.memory_sessions import MemorySessions
from bench.parts.plain_activity import PlainActivity
from bench.parts.serving import serve
from bench.parts.silent_engines import DeafRecogniser, ShortVoice
from bench.parts.usage import own_usage

WARM_UP = 50
"""Sessions beyond those that are measured."""
SECRET = secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Server:
    """What the routes beside the socket work with."""

    sessions: MemorySessions
    gate: Gate


def application(sessions: int, folder: Path) -> FastAPI:
    """Return the server, with two routes beside the socket: new sessions, and what the process has used."""
    held: list[Server] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store, limits = MemorySessions(), Limits(sessions=sessions + WARM_UP)
        parts = _parts(store, folder, limits)
        async with SessionManager(parts) as manager, beside(keep_giving_back(), name="memory.give_back"):
            authenticator = Authenticator(
                TokenVerifier(SharedSecret(SECRET)), first_message_ms=limits.auth_ms
            )
            held.append(Server(store, Gate(manager, authenticator, parts.clock, limits)))
            yield

    app = FastAPI(lifespan=lifespan)
    app.include_router(session_router(lambda: held[0].gate))

    @app.post("/sessions")
    async def create(count: int) -> list[dict[str, str]]:
        records = [held[0].sessions.create() for _ in range(count)]
        return [{"id": str(record.id), "token": _token(record)} for record in records]

    @app.get("/usage")
    async def usage() -> dict[str, Any]:
        return asdict(own_usage())

    return app


def _token(record: SessionRecord) -> str:
    claims = {
        "sub": str(record.user_id),
        "aud": "authenticated",
        "role": "authenticated",
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


def _parts(store: MemorySessions, folder: Path, limits: Limits) -> SessionParts:
    return SessionParts(
        store=store,
        recogniser=DeafRecogniser(),
        voice=ShortVoice(),
        voice_activity=PlainActivity(),
        exam=exam_of,
        blobs=FilesystemBlobStore(folder),
        analyse=_analyse,
        feedback=_feedback,
        summarise=_summarise,
        limits=limits,
    )


async def _analyse(turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
    raise AssertionError("Nobody says anything that could be analysed.")


async def _feedback(turn: LearnerTurn, analysis: TurnAnalysis) -> TurnFeedback:
    raise AssertionError("Nobody practises here.")


async def _summarise(
    analyses: Sequence[TurnAnalysis], *, mode: str, clock: str, reason: str
) -> dict[str, Any]:
    return {}


if __name__ == "__main__":
    share_heaps()
    with tempfile.TemporaryDirectory(prefix="speakmate-bench-") as data:
        sys.exit(serve(application(int(sys.argv[1]), Path(data))))
