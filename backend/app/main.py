"""create_app: the only place that knows all the parts and puts them together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.adapters.drill_listener import DrillModels, ModelListener, TextReader
from app.adapters.local_speech import Priority
from app.adapters.redis_buckets import RedisBuckets
from app.adapters.redis_notices import RedisNotices
from app.api.auth import SharedSecret, SigningKeys, TokenVerifier
from app.api.deps import RestParts, install_parts
from app.api.dev_tokens import DevelopmentSignIn
from app.api.errors import install_errors
from app.api.jwks import PublishedKeys
from app.api.routes import API_PREFIX, rest_router
from app.api.routes.dev import dev_router
from app.api.websocket.authentication import Authenticator
from app.api.websocket.clock import Clock
from app.api.websocket.handlers import Gate, session_router
from app.api.websocket.limits import Limits
from app.api.websocket.parts import SessionParts, Word, as_scripted
from app.api.websocket.session_manager import SessionManager
from app.background import beside, dropped, keep_for_good, report_failure
from app.blobs import blob_store
from app.config import VERSION, ConfigurationError, Settings
from app.dependencies import BlobCheck, Check, disk, provider_checks, redis_check, workers
from app.drain import DRAIN, Drain
from app.edge import make_edge
from app.engines import FROM_SETTINGS, Engines, SpeechEngines
from app.language_models import prompt_book, prompted_model
from app.lease_owner import lease_owner, new_start
from app.memory import keep_giving_back
from app.middleware.monitoring import PrometheusMeter, RequestWatch, metrics_router, watch_loop
from app.middleware.security import install_security
from app.page import install_page
from app.repositories.analyses import PostgresAnalyses
from app.repositories.audit import PostgresAudit
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.export import PostgresExport
from app.repositories.finding_feedback import PostgresFeedback
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.reports import PostgresReports
from app.repositories.sessions import PostgresSessions
from app.repositories.socket_tickets import PostgresTickets
from app.repositories.training import PostgresTraining
from app.repositories.users import PostgresAccounts
from app.services.analysis_coordinator import (
    AnswerAnalyzer,
    LearnerTurn,
    Listener,
    SpeechAssessor,
    TurnAnalysis,
    TurnFeedback,
    fast_summary,
    turn_feedback,
)
from app.services.conversation import WordedExaminer, bundled_bank, ends_open, never_open, topics
from app.services.erasure import Erasure
from app.services.exam_quota import ExamQuota
from app.services.hybrid_analyzer.llm import PromptedReader
from app.services.ielts_scorer.judge import PromptedJudge
from app.services.prompt_manager import PromptedModel
from app.services.rule_book import RuleBook
from app.services.session_notices import Change, SessionNotices
from app.services.session_plans import exam_of, plan_session
from app.services.socket_tickets import SocketTickets
from app.services.speech import transcribe
from app.services.training_engine.grading import Judge
from app.services.training_engine.trainer import Trainer
from app.speech_providers import PROVIDER, VOICE_PROVIDER
from app.workers.queue_config import job_runner
from app.workers.run import ThreadPool, housekeeping, make_worker


def create_app(settings: Settings, engines: Engines = FROM_SETTINGS, *, owner: str | None = None) -> FastAPI:
    """Return the application for `settings`; nothing is opened before it starts.

    `owner` is the name under which it holds its sessions, its own for every start; one is made up without.
    Raises ConfigurationError when production must not start with these settings, or a prompt cannot be used.
    """
    if settings.environment == "prod" and (problems := settings.production_problems()):
        raise ConfigurationError(" ".join(problems))
    if not settings.database_url:
        raise ConfigurationError("Set DATABASE_URL, or start with run.py, which brings a database.")
    process = _Process(settings, engines, owner or lease_owner(new_start()))
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="SpeakMate AI",
        version=VERSION,
        summary="An IELTS Speaking coach: sit a spoken exam, get bands with evidence.",
        lifespan=process.lifespan,
    )
    install_errors(app)
    install_security(app, process.edge, around=partial(RequestWatch, meter=process.meter))
    install_parts(app, process.rest)
    app.include_router(rest_router())
    app.include_router(session_router(lambda: process.gate))
    app.include_router(metrics_router(process.meter, process.jobs))
    if settings.uses_development_key:
        app.include_router(dev_router(lambda: process.sign_in), prefix=API_PREFIX)
    install_page(app, settings)

    return app


class _Process:
    """The parts of one process: made at once, opened by `lifespan`."""

    def __init__(self, settings: Settings, engines: Engines, owner: str) -> None:
        self._settings = settings
        self._prompts = prompt_book(settings)
        self._owner = owner
        self._engines = engines
        self._database = Database(
            settings.database_url,
            max_size=settings.database_pool_size,
            prepare_threshold=settings.prepare_threshold,
        )
        self._blobs = blob_store(settings)
        self._clock = Clock()
        self.meter = PrometheusMeter()
        self.jobs = PostgresJobs(self._database)
        self._limits = _limits(settings)
        self._notices = SessionNotices()
        self._redis: RedisNotices | None = None
        if settings.redis_url:
            self._redis = RedisNotices(settings.redis_url, self._notices, on_change=self.meter.redis_is)
        self._shared_buckets = RedisBuckets(settings.redis_url) if settings.redis_url else None
        self._drain: Drain | None = None
        self._verifier = TokenVerifier(
            _signing_keys(settings), audience=settings.jwt_audience, issuer=settings.issuer
        )
        self.edge = make_edge(settings, self._verifier, self.meter, self._shared_buckets)
        self._speech: SpeechEngines | None = None
        self._analyzer: asyncio.Task[AnswerAnalyzer] | None = None
        self._assessor: asyncio.Task[SpeechAssessor | None] | None = None
        self._accounts = PostgresAccounts(self._database)
        feedback = PostgresFeedback(self._database)
        self._rules = RuleBook(feedback, self.meter)
        self.rest = RestParts(
            verifier=self._verifier,
            accounts=self._accounts,
            sessions=PostgresSessions(self._database),
            analyses=PostgresAnalyses(self._database),
            feedback=feedback,
            rules=self._rules,
            reports=PostgresReports(self._database),
            blobs=self._blobs,
            training=Trainer(
                PostgresTraining(self._database),
                Judge(ModelListener(self._drill_models)),
                now=lambda: datetime.now(UTC),
            ),
            audit=PostgresAudit(self._database),
            own_rows=PostgresExport(self._database),
            erasure=Erasure(
                PostgresErasure(self._database),
                self._blobs,
                lambda session_id: self._notices.publish(Change.ERASED, session_id),
            ),
            tickets=SocketTickets(PostgresTickets(self._database)),
            plan=plan_session,
            topics=topics(bundled_bank()),
            default_clock=settings.exam_clock,
            readiness={
                "database": self._database.is_ready,
                "blobs": BlobCheck(self._blobs),
                "speech": self._speech_ready,
                "language": self._language_ready,
            },
            helpful=self._helpful(),
            asleep=lambda: () if self._speech is None else self._speech.asleep,
            stopping=lambda: self._drain is not None and self._drain.begun,
            hurry=lambda session_id: self._notices.publish(Change.JOB_QUEUED, session_id),
        )
        self.gate: Gate

    def _helpful(self) -> dict[str, Check]:
        settings = self._settings
        speech = {PROVIDER: settings.recogniser(), VOICE_PROVIDER: settings.voice()}
        bought = [name for name, choice in speech.items() if choice == "google"]
        checks: dict[str, Check] = {
            "workers": partial(workers, self.jobs),
            "disk": partial(disk, settings.data_dir),
            **provider_checks(self.meter.providers, (*settings.language_model_providers(), *bought)),
        }
        if (redis := self._redis) is not None:
            checks["redis"] = redis_check(lambda: redis.up)
        return checks

    @property
    def sign_in(self) -> DevelopmentSignIn:
        """Sign-in by name, for development."""
        return DevelopmentSignIn(
            self._accounts,
            secret=self._settings.hs256_secret(),
            issuer=self._settings.issuer,
            audience=self._settings.jwt_audience,
        )

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[dict[str, Drain]]:
        """Open every part, serve, close them in the opposite order."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(beside(watch_loop(self.meter.loop_was_late), name="loop.watch"))
            await stack.enter_async_context(beside(keep_giving_back(), name="memory.give_back"))
            await self._database.open()
            stack.push_async_callback(self._database.close)
            stack.push_async_callback(self._blobs.aclose)
            asking = await stack.enter_async_context(
                prompted_model(settings, self._prompts, self._database, self.meter)
            )
            speech = self._speech = self._engines.speech(settings, self._blobs, self.meter)
            stack.push_async_callback(speech.aclose)
            loading = asyncio.create_task(speech.load(), name="speech.load")
            stack.push_async_callback(dropped, loading)
            self._analyzer = asyncio.create_task(
                asyncio.to_thread(self._engines.analyzer, speech), name="language.load"
            )
            self._analyzer.add_done_callback(report_failure)
            stack.push_async_callback(dropped, self._analyzer)
            self._assessor = asyncio.create_task(
                self._engines.assessor(settings, speech), name="pronunciation.load"
            )
            self._assessor.add_done_callback(report_failure)
            stack.push_async_callback(dropped, self._assessor)
            for model in (loading, self._analyzer, self._assessor):
                model.add_done_callback(keep_for_good)
            manager = await stack.enter_async_context(SessionManager(self._session_parts(speech, asking)))
            if settings.environment != "prod":
                await stack.enter_async_context(self._worker(speech, asking))
            if self._redis is not None:
                await stack.enter_async_context(self._redis.running())
            if self._shared_buckets is not None:
                stack.push_async_callback(self._shared_buckets.aclose)
            self.gate = Gate(
                sessions=manager,
                authenticator=Authenticator(
                    self._verifier,
                    first_message_ms=self._limits.auth_ms,
                    redeem=self.rest.tickets.redeem,
                    admit=self._accounts.profile,
                ),
                clock=self._clock,
                limits=self._limits,
                origins=frozenset(settings.web_origins),
                meter=self.meter,
            )
            drain = self._drain = Drain(manager.close)
            yield {DRAIN: drain}

    def _session_parts(self, speech: SpeechEngines, asking: PromptedModel | None) -> SessionParts:
        async def analyse(turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
            analyzer = await self._ready_analyzer()
            return await speech.pool.run(Priority.BACKGROUND, analyzer.analyze, turn, pcm)

        async def feedback(turn: LearnerTurn, analysis: TurnAnalysis) -> TurnFeedback:
            off = await self._rules.switched_off()
            return await asyncio.to_thread(turn_feedback, turn, analysis.without(off))

        async def summarise(
            analyses: Sequence[TurnAnalysis], *, mode: str, clock: str, reason: str
        ) -> dict[str, Any]:
            off = await self._rules.switched_off()
            heard = [analysis.without(off) for analysis in analyses]
            return await asyncio.to_thread(fast_summary, heard, mode=mode, clock=clock, reason=reason)

        return SessionParts(
            store=PostgresLiveSessions(
                self._database,
                owner=self._owner,
                quota=ExamQuota(self._settings.exams_per_user, self._settings.daily_minutes),
            ),
            recogniser=speech.speech_to_text,
            voice=speech.text_to_speech,
            voice_activity=speech.voice_activity,
            exam=exam_of,
            blobs=self._blobs,
            analyse=analyse,
            listen=Listener(self._ready_assessor, partial(speech.pool.run, Priority.IDLE)).listen,
            feedback=feedback,
            summarise=summarise,
            word=self._examiner_words(asking),
            ready=lambda: speech.ready,
            end_of_turn=ends_open if self._settings.end_of_turn == "words" else never_open,
            clock=self._clock,
            limits=self._limits,
            meter=self.meter,
            notices=self._notices,
        )

    @asynccontextmanager
    async def _worker(self, speech: SpeechEngines, asking: PromptedModel | None) -> AsyncIterator[None]:
        """Analyse in this process while the block runs."""
        pool = ThreadPool(1)

        async def work() -> None:
            analyzer = await self._ready_analyzer()
            assessor = await self._ready_assessor()
            worker = make_worker(
                self._settings,
                self._database,
                self._blobs,
                analyzer,
                pool,
                notices=self._notices,
                transcribe=partial(transcribe, speech.speech_to_text),
                assessor=assessor,
                language_model=None if asking is None else PromptedReader(asking),
                judge=None if asking is None else PromptedJudge(asking),
                rules=self._rules,
                meter=self.meter,
            )
            chores = housekeeping(self._settings, self._database, self._blobs)
            async with job_runner(self._settings, worker, self._notices, chores) as runner:
                await runner.run()

        try:
            async with beside(work(), name="jobs.worker"):
                yield
        finally:
            pool.close()

    def _drill_models(self) -> DrillModels | None:
        speech = self._speech
        if speech is None or not speech.ready:
            return None

        async def reader() -> TextReader | None:
            assessor = await self._ready_assessor()
            return assessor if isinstance(assessor, TextReader) else None

        return DrillModels(
            recogniser=speech.speech_to_text,
            voice_activity=speech.voice_activity,
            run=partial(speech.pool.run, Priority.BACKGROUND),
            analyzer=self._ready_analyzer,
            reader=reader,
        )

    def _examiner_words(self, asking: PromptedModel | None) -> Word:
        if asking is None or self._settings.examiner_wording == "script":
            return as_scripted
        return WordedExaminer(asking, self.meter).word

    async def _ready_analyzer(self) -> AnswerAnalyzer:
        assert self._analyzer is not None
        return await asyncio.shield(self._analyzer)

    async def _ready_assessor(self) -> SpeechAssessor | None:
        assert self._assessor is not None
        return await asyncio.shield(self._assessor)

    async def _speech_ready(self) -> bool:
        return self._speech is not None and self._speech.ready

    async def _language_ready(self) -> bool:
        loading = self._analyzer
        return loading is not None and loading.done() and not loading.cancelled() and not loading.exception()


def _signing_keys(settings: Settings) -> SigningKeys:
    if settings.auth_algorithm == "HS256":
        return SharedSecret(settings.hs256_secret())
    return PublishedKeys(settings.jwks_url, settings.auth_algorithm)


def _limits(settings: Settings) -> Limits:
    """Return the bounds of a session; a process with little time to stop leaves sessions less of it."""
    usual = Limits()
    stop_ms = settings.drain_seconds * 1000
    return replace(
        usual,
        connections_per_user=settings.connections_per_user,
        grace_ms=settings.grace_seconds * 1000,
        shutdown_ms=min(usual.shutdown_ms, stop_ms // 2),
        sentence_ms=min(usual.sentence_ms, stop_ms // 4),
    )
