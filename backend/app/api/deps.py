"""What the routes are given: the stores, the caller, and nothing they could build themselves."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol
from uuid import UUID

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api.auth import Principal, TokenMissing, TokenVerifier
from app.api.bearer import found_verified
from app.api.dependency_state import DependencyState
from app.origin import bind_origin
from app.services.accounts import AccountStore
from app.services.analysis_store import AnalysisArchive
from app.services.audit import AuditArchive
from app.services.conversation import Focus, Topic
from app.services.conversation.practice_plan import Part
from app.services.conversation.timing import ClockName
from app.services.erasure import Erasure
from app.services.export import ExportSource
from app.services.finding_feedback import FeedbackStore
from app.services.reports.store import ReportArchive
from app.services.rule_book import RuleBook
from app.services.session_archive import SessionArchive
from app.services.session_store import SessionMode
from app.services.socket_tickets import SocketTickets
from app.services.storage import BlobStore
from app.services.training_engine.trainer import Trainer


class PlanFactory(Protocol):
    """Plans what a session asks; the plan is the exam's own JSON."""

    def __call__(
        self,
        mode: SessionMode,
        earlier: Sequence[Mapping[str, Any]],
        *,
        part: Part | None = None,
        topic: str | None = None,
        focus: Sequence[Focus] = (),
    ) -> dict[str, Any]:
        """Plan an exam for a learner who had the plans `earlier` before; a practice names its part or topic.

        Questions of an exam that call for `focus` are preferred.

        Raises TopicUnknown.
        """
        ...


@dataclass(frozen=True, slots=True)
class RestParts:
    """Everything the REST routes stand on.

    `topics` are what can be practised. `default_clock` is used where a client names none. `readiness` tells
    by name whether a dependency is ready to serve, `helpful` how that stands which it can do without,
    `stopping` whether the process is about to end, `asleep` which models are loaded only when they are
    needed. `hurry` lets workers know that a job of the session was queued.
    """

    verifier: TokenVerifier
    accounts: AccountStore
    sessions: SessionArchive
    analyses: AnalysisArchive
    feedback: FeedbackStore
    rules: RuleBook
    reports: ReportArchive
    blobs: BlobStore
    training: Trainer
    tickets: SocketTickets
    audit: AuditArchive
    erasure: Erasure
    own_rows: ExportSource
    plan: PlanFactory
    topics: Sequence[Topic] = ()
    default_clock: ClockName = "standard"
    readiness: Mapping[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    helpful: Mapping[str, Callable[[], Awaitable[DependencyState]]] = field(default_factory=dict)
    asleep: Callable[[], Collection[str]] = tuple
    stopping: Callable[[], bool] = lambda: False
    hurry: Callable[[UUID], None] = lambda session_id: None


def install_parts(app: FastAPI, parts: RestParts) -> None:
    """Give the application what its routes stand on; before the first request."""
    app.state.rest = parts


def rest_parts(request: Request) -> RestParts:
    """Return what the application was given."""
    parts: RestParts = request.app.state.rest
    return parts


Parts = Annotated[RestParts, Depends(rest_parts)]

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="A Supabase access token.")


async def token_bearer(
    request: Request,
    parts: Parts,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """Return whom the token speaks for, whose account may be erased. Raises AuthError and KeysUnavailable."""
    if credentials is None:
        raise TokenMissing("Send an access token: Authorization: Bearer <token>.")
    token = credentials.credentials
    principal = found_verified(request.scope, token) or await parts.verifier.verify(token)
    structlog.contextvars.bind_contextvars(user_id=str(principal.user_id))
    bind_origin(request.scope)
    return principal


TokenBearer = Annotated[Principal, Depends(token_bearer)]


async def current_user(parts: Parts, bearer: TokenBearer) -> Principal:
    """Return whom the request speaks for. Raises UnknownUser once the account was erased, in any process."""
    await parts.accounts.profile(bearer.user_id)
    return bearer


CurrentUser = Annotated[Principal, Depends(current_user)]
