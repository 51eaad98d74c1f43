"""The transport benchmark's server: the product's handlers, actors and writers, with fakes for the models.

Sessions are kept in memory; the microphone signals go to a folder, through the product's own blob store.
"""

import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.api.websocket.handlers import session_router
from app.api.websocket.limits import Limits
from app.api.websocket.session_manager import SessionManager
from bench.parts.serving import serve
from bench.parts.silent_engines import DeafRecogniser, ShortVoice
from bench.parts.usage import own_usage
from tests.fakes.world import World

WARM_UP = 50
"""Sessions beyond those that are measured."""


def application(sessions: int, folder: Path) -> FastAPI:
    """Return the server, with two routes beside the socket: new sessions, and what the process has used."""
    held: list[World] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            made = World(Limits(sessions=sessions + WARM_UP))
            parts = replace(
                made.parts,
                blobs=FilesystemBlobStore(folder),
                voice=ShortVoice(),
                recogniser=DeafRecogniser(),
            )
            made.manager = await stack.enter_async_context(SessionManager(parts))
            made.gate = replace(made.gate, sessions=made.manager)
            held.append(made)
            yield

    app = FastAPI(lifespan=lifespan)
    app.include_router(session_router(lambda: held[0].gate))

    @app.post("/sessions")
    async def create(count: int) -> list[dict[str, str]]:
        records = [held[0].create("full", user=uuid4(), clock="standard") for _ in range(count)]
        return [{"id": str(record.id), "token": str(record.user_id)} for record in records]

    @app.get("/usage")
    async def usage() -> dict[str, Any]:
        return asdict(own_usage())

    return app


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="speakmate-bench-") as data:
        sys.exit(serve(application(int(sys.argv[1]), Path(data))))
