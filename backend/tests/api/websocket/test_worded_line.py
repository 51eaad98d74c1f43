"""A Part 3 line over the real database and a real client: said, stored, and its call on record."""

import asyncio
import json
from uuid import UUID

import psycopg
from structlog.testing import capture_logs

from app.api.websocket.protocol import (
    AiReply,
    AudioCommit,
    AudioConfig,
    AudioFrame,
    FrameKind,
    PlaybackMark,
    SessionEnd,
    SessionStart,
    SttFinal,
    SummaryReady,
)
from app.config import Settings
from app.language_models import prompt_book, prompted_model
from app.middleware.monitoring import PrometheusMeter
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.conversation import WordedExaminer
from tests.fakes.exam_plan import plan_for
from tests.fakes.model_server import ModelServer, Step, model_server
from tests.fakes.pipe import Pipe
from tests.fakes.world import World, world

LINE = "What is friendship, in a few words?"
SCRIPTED = "Simply A1, friendship?"


async def discussed(database: Database, user_id: UUID, server: ModelServer, said: str) -> tuple[UUID, str]:
    """Say one thing in Part 3; return the session and what the examiner replied."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        llm_providers="openai_compatible",
        openai_base_url=f"{server.url}/v1",
        openai_model="local-x",
    )
    meter = PrometheusMeter()
    session = await PostgresSessions(database).create(
        user_id, mode="part3", clock="standard", plan=plan_for("part3").to_dict()
    )
    with capture_logs():
        async with (
            prompted_model(settings, prompt_book(settings), database, meter) as asking,
            world(store=PostgresLiveSessions(database)) as w,
        ):
            assert asking is not None
            w.word = WordedExaminer(asking, meter, limit_s=5.0).word
            pipe = w.connect(session.id, user=user_id)
            pipe.send(AudioConfig())
            pipe.send(SessionStart())
            await heard_to_the_question(pipe)
            lines = len(pipe.of(AiReply))
            await speak(w, pipe, said)
            await pipe.until(lambda: len(pipe.of(AiReply)) > lines)
            reply = pipe.of(AiReply)[lines]
            assert isinstance(reply, AiReply)
            pipe.send(SessionEnd())
            await pipe.until(lambda: pipe.of(SummaryReady))
            pipe.cut()
    return session.id, reply.text


async def heard_to_the_question(pipe: Pipe) -> None:
    """Hear every line up to the first question."""
    heard: list[AiReply] = []
    while not (heard and heard[-1].expects_answer):
        await pipe.until(lambda: len(pipe.of(AiReply)) > len(heard))
        line = pipe.of(AiReply)[len(heard)]
        assert isinstance(line, AiReply)
        pipe.send(PlaybackMark(utterance_id=line.utterance_id, played_ms=1, done=True))
        heard.append(line)
    await asyncio.sleep(0.1)


async def speak(w: World, pipe: Pipe, said: str) -> None:
    """Say it and mark its end."""
    signal, position = w.book.speak(said), 0
    for n in range(0, len(signal), 40 * 32):
        pipe.send_frame(AudioFrame(FrameKind.MICROPHONE, 0, n, position, signal[n : n + 40 * 32]))
        position += 40
    pipe.send(AudioCommit(commit_id="c", audio_start_ms=0, audio_end_ms=position, end_of_turn=True))
    await pipe.until(lambda: pipe.of(SttFinal))


async def test_a_worded_line_is_said_stored_and_its_call_on_record(
    database: Database, alice: UUID, superuser: psycopg.Connection
) -> None:
    with model_server() as server:
        server.then = lambda asked: Step(json.dumps({"line": LINE}))
        session_id, reply = await discussed(database, alice, server, "I don't know")
    assert reply == LINE
    detail = await PostgresSessions(database).detail(alice, session_id)
    assert detail is not None
    assert LINE in {turn.text for turn in detail.turns if turn.frame_conformance == "paraphrase"}
    calls = superuser.execute(
        "select user_id, prompt, outcome, provider, model, spent_tokens from llm_calls where session_id = %s",
        (session_id,),
    ).fetchall()
    assert calls == [(alice, "rephrase", "replied", "openai_compatible", "local-served", 110)]


async def test_with_the_provider_down_the_exam_goes_on_by_the_script(
    database: Database, alice: UUID, superuser: psycopg.Connection
) -> None:
    with model_server() as server:
        server.then = lambda asked: Step(status=401)
        session_id, reply = await discussed(database, alice, server, "I don't know")
    assert reply == SCRIPTED
    calls = superuser.execute(
        "select outcome, spent_tokens from llm_calls where session_id = %s", (session_id,)
    )
    assert calls.fetchall() == [("refused", 0)]
