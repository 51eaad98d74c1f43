"""The resume benchmark's server: the product's sessions over the real database, with fakes for the models.

`python -m bench.parts.stored_server CONNINFO BLOB_FOLDER`
"""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.api.websocket.handlers import session_router
from app.api.websocket.limits import Limits
from app.api.websocket.session_manager import SessionManager
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from bench.parts.serving import serve
from bench.parts.silent_engines import DeafRecogniser, ShortVoice
from tests.fakes.world import World


def application(conninfo: str, folder: Path) -> FastAPI:
    """Return the server."""
    held: list[World] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            database = Database(conninfo, max_size=5)
            await database.open()
            stack.push_async_callback(database.close)
            made = World(Limits(), PostgresLiveSessions(database, owner=uuid4().hex))
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
    return app


if __name__ == "__main__":
    sys.exit(serve(application(sys.argv[1], Path(sys.argv[2]))))
