"""What tests of several rooms share: one real PostgreSQL for the whole run, and users who own nothing yet."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.local_speech import SpeechModels, load_models
from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.repositories.database import Database
from app.repositories.schema import apply_schema
from app.repositories.users import PostgresAccounts

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # its own choice draws every local of every frame, which takes seconds of everybody's event loop


@contextmanager
def postgres_in(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A database of its own, with the schema, while the block runs."""
    with EmbeddedPostgres(folder) as server:
        apply_schema(
            server.superuser_conninfo, login_role=server.login_role, login_password=server.login_password
        )
        yield server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A running database with the schema."""
    with postgres_in(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """The application's own pool; tests stay apart by using users of their own."""
    database = Database(postgres.conninfo, max_size=5)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def superuser(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    """A connection that sees everything, to look behind the application's back."""
    with psycopg.connect(postgres.superuser_conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def speech_models(tmp_path_factory: pytest.TempPathFactory) -> SpeechModels:
    """The real speech models, loaded once for the whole run."""
    return load_models(tmp_path_factory.mktemp("models"))


NewUser = Callable[[], Awaitable[UUID]]


@pytest.fixture
def new_user(database: Database) -> NewUser:
    """Make a user nobody else has."""

    async def make() -> UUID:
        user_id = uuid4()
        await PostgresAccounts(database).add_development_user(user_id, f"{user_id}@example.test")
        return user_id

    return make


@pytest.fixture
async def alice(new_user: NewUser) -> UUID:
    """A user."""
    return await new_user()


@pytest.fixture
async def bob(new_user: NewUser) -> UUID:
    """Another user."""
    return await new_user()


@pytest.fixture(scope="session")
def parser() -> SpacyParser:
    """The parser, loaded once."""
    return SpacyParser.load()


@pytest.fixture(scope="session")
def trigrams() -> PocketsphinxTrigrams:
    """The word model, loaded once."""
    return PocketsphinxTrigrams.load()
