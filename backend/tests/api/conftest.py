"""The REST API over the real database, as a client sees it."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from fastapi import FastAPI

from app.adapters.spacy_parser import SpacyParser
from app.api.auth import SharedSecret, TokenVerifier
from app.api.deps import RestParts, install_parts
from app.api.dev_tokens import DevelopmentSignIn
from app.api.errors import install_errors
from app.api.routes import API_PREFIX, rest_router
from app.api.routes.dev import dev_router
from app.dependencies import redis_check
from app.middleware.monitoring import PrometheusMeter
from app.middleware.security import (
    Edge,
    MemoryBuckets,
    Rate,
    RouteClass,
    identified_by,
    install_security,
)
from app.repositories.analyses import PostgresAnalyses
from app.repositories.audit import PostgresAudit
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.export import PostgresExport
from app.repositories.finding_feedback import PostgresFeedback
from app.repositories.reports import PostgresReports
from app.repositories.sessions import PostgresSessions
from app.repositories.socket_tickets import PostgresTickets
from app.repositories.training import PostgresTraining
from app.repositories.users import PostgresAccounts
from app.services.conversation import Focus, TopicUnknown, bundled_bank, topics
from app.services.erasure import Erasure
from app.services.hybrid_analyzer import LanguageAnalyzer
from app.services.rule_book import RuleBook
from app.services.socket_tickets import SocketTickets
from app.services.training_engine.grading import Judge
from app.services.training_engine.trainer import Trainer
from tests.fakes.listener import ScriptedListener
from tests.fakes.memory_blobs import MemoryBlobs
from tests.fakes.training_cards import MakeCards, cards_in

SECRET = "a secret for tests that is long enough"
ISSUER = "speakmate-tests"


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def ready() -> dict[str, bool]:
    """What the application believes to be ready; tests change it."""
    return {"speech": True, "redis": True}


def plan(
    mode: str,
    earlier: Sequence[Any],
    *,
    part: int | None = None,
    topic: str | None = None,
    focus: Sequence[Focus] = (),
) -> dict[str, Any]:
    """A plan that says what it was made for; there are questions on `food` only."""
    if topic not in (None, "food"):
        raise TopicUnknown(topic)
    chosen = {"part": part, "topic": topic} if mode == "practice" else {}
    focused = {"focus": [asdict(one) for one in focus]} if focus else {}
    return {"mode": mode, "earlier": len(earlier), **focused, **chosen}


@pytest.fixture
def listener(parser: SpacyParser) -> ScriptedListener:
    """What drills are heard with; it hears what a test says."""
    return ScriptedListener(LanguageAnalyzer(parser))


@pytest.fixture
def clock() -> dict[str, datetime]:
    """The time that training goes by; tests move it."""
    return {"now": datetime.now(UTC)}


@pytest.fixture
def app(
    database: Database,
    blobs: MemoryBlobs,
    ready: dict[str, bool],
    listener: ScriptedListener,
    clock: dict[str, datetime],
) -> FastAPI:
    app = FastAPI()
    install_errors(app)
    verifier, plenty = TokenVerifier(SharedSecret(SECRET), issuer=ISSUER), Rate(1_000_000, 60)
    install_security(
        app,
        Edge(
            rates=dict.fromkeys(RouteClass, plenty),
            per_address=1,
            buckets=MemoryBuckets(),
            identify=identified_by(verifier),
            meter=PrometheusMeter(),
        ),
    )
    app.include_router(rest_router())

    async def speech_ready() -> bool:
        return ready["speech"]

    accounts = PostgresAccounts(database)
    feedback = PostgresFeedback(database)
    sign_in = DevelopmentSignIn(accounts, secret=SECRET, issuer=ISSUER)
    app.include_router(dev_router(lambda: sign_in), prefix=API_PREFIX)
    install_parts(
        app,
        RestParts(
            verifier=verifier,
            accounts=accounts,
            sessions=PostgresSessions(database),
            analyses=PostgresAnalyses(database),
            feedback=feedback,
            rules=RuleBook(feedback, PrometheusMeter()),
            reports=PostgresReports(database),
            blobs=blobs,
            audit=PostgresAudit(database),
            own_rows=PostgresExport(database),
            erasure=Erasure(PostgresErasure(database), blobs),
            tickets=SocketTickets(PostgresTickets(database)),
            plan=plan,
            topics=topics(bundled_bank()),
            training=Trainer(PostgresTraining(database), Judge(listener), now=lambda: clock["now"]),
            readiness={"database": database.is_ready, "speech": speech_ready},
            helpful={"redis": redis_check(lambda: ready["redis"])},
            stopping=lambda: ready.get("stopping", False),
        ),
    )
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token. Errors of the server arrive as responses, as they would over the network."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
        yield client


def token_for(user_id: object, **changes: Any) -> str:
    """Sign a learner's token; `changes` replace claims, None removes one."""
    claims = {
        "iss": ISSUER,
        "aud": "authenticated",
        "role": "authenticated",
        "sub": str(user_id),
        "exp": int(time.time()) + 600,
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, SECRET, algorithm="HS256")


@pytest.fixture
async def sign_in(app: FastAPI) -> AsyncIterator[Callable[[UUID], httpx.AsyncClient]]:
    """Make clients that carry a user's token."""
    made: list[httpx.AsyncClient] = []

    def make(user_id: UUID) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        made.append(
            httpx.AsyncClient(
                transport=transport,
                base_url="http://test",
                headers={"Authorization": f"Bearer {token_for(user_id)}"},
                trust_env=False,
            )
        )
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
def as_alice(sign_in: Callable[[UUID], httpx.AsyncClient], alice: UUID) -> httpx.AsyncClient:
    return sign_in(alice)


@pytest.fixture
def as_bob(sign_in: Callable[[UUID], httpx.AsyncClient], bob: UUID) -> httpx.AsyncClient:
    return sign_in(bob)


def problem(response: httpx.Response) -> dict[str, Any]:
    """Check that the response is a problem document and return it."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == response.status_code
    assert document["title"]
    assert document["detail"]
    return document


@pytest.fixture
def trained(database: Database) -> MakeCards:
    """Make cards of a user as an exam would."""
    return cards_in(database)
