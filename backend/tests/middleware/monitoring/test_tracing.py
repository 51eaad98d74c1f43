"""Spans reach a collector as OTLP, in one trace from the request to the provider."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from app.middleware.monitoring import PrometheusMeter, RequestWatch
from app.middleware.monitoring.tracing import OtlpRecorder
from app.services import tracing
from app.services.job_queue import Job, JobKind
from app.services.language_model import Breaker, Generated, Generation, Guarded, Usage
from app.workers.job_worker import JobWorker, Progress
from tests.fakes.http_receiver import Receiver, receiving
from tests.fakes.job_queue import MemoryQueue, a_job

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
QUESTION = Generation("Be kind.", "My name is Dilnoza.", {}, 0.0, 100, 5.0)


class Model:
    """Implements TextModel: replies, or breaks."""

    def __init__(self, *, breaks: bool) -> None:
        self._breaks = breaks

    async def generate(self, request: Generation) -> Generated:
        if self._breaks:
            raise RuntimeError("Dilnoza cannot be answered")
        return Generated("{}", "gemini", "model-1", Usage(10, 3))


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def recorder(collector: Receiver) -> Iterator[OtlpRecorder]:
    recorder = OtlpRecorder(f"http://127.0.0.1:{collector.port}", environment="test", version="1.2")
    tracing.record_with(recorder)
    yield recorder
    tracing.record_with(None)


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/answers/{name}")
    async def answer(name: str) -> dict[str, str | None]:
        model = Guarded(Model(breaks=name == "broken"), Breaker(lambda: 0.0), "gemini")
        await model.generate(QUESTION)
        return {"trace": tracing.trace_id()}

    app.add_middleware(RequestWatch, meter=PrometheusMeter())
    return app


async def ask(name: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
        return await client.get(f"/answers/{name}", headers=headers)


def exported(posts: list[tuple[str, bytes]]) -> dict[str, Span]:
    """Return the spans of what was posted, by name."""
    spans = {}
    for path, body in posts:
        assert path == "/v1/traces"
        assert b"Dilnoza" not in body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert (named["service.name"], named["service.version"]) == ("speakmate", "1.2")
            spans |= {span.name: span for scope in resource.scope_spans for span in scope.spans}
    return spans


def attributes(span: Span) -> dict[str, str | int]:
    """Return its attributes."""
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


async def test_a_request_and_what_it_asks_of_a_provider_are_one_trace(
    collector: Receiver, recorder: OtlpRecorder
) -> None:
    response = await ask("one", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
    assert response.json() == {"trace": TRACE}
    assert recorder.flush(5)
    spans = exported(collector.wait_for(1))
    served, asked = spans["GET /answers/{name}"], spans["generate"]
    assert served.trace_id.hex() == asked.trace_id.hex() == TRACE
    assert served.parent_span_id.hex() == "00f067aa0ba902b7"
    assert asked.parent_span_id == served.span_id
    assert (served.kind, asked.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert attributes(served) == {
        "http.request.method": "GET",
        "http.route": "/answers/{name}",
        "http.response.status_code": 200,
    }
    assert attributes(asked) == {
        "gen_ai.provider.name": "gemini",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 3,
    }


async def test_what_fails_is_marked_by_its_kind_and_tells_no_words(
    collector: Receiver, recorder: OtlpRecorder
) -> None:
    assert (await ask("broken")).status_code == 500
    assert recorder.flush(5)
    spans = exported(collector.wait_for(1))
    asked = spans["generate"]
    assert asked.status.code == Status.STATUS_CODE_ERROR
    assert attributes(asked)["error.type"] == "RuntimeError"
    assert not asked.events
    assert spans["GET /answers/{name}"].status.code == Status.STATUS_CODE_ERROR


class Handler:
    """Implements JobHandler: does nothing, or breaks over somebody's words."""

    kind = JobKind.ANALYSIS

    def __init__(self, *, breaks: bool) -> None:
        self._breaks = breaks

    async def do(self, job: Job, progress: Progress) -> None:
        if self._breaks:
            raise ValueError("Dilnoza cannot be analysed")

    def gave_up(self, job: Job) -> None:
        return None


@pytest.mark.parametrize("breaks", [False, True])
async def test_a_job_is_a_span_that_leads_to_its_session(
    collector: Receiver, recorder: OtlpRecorder, breaks: bool
) -> None:
    job = a_job(uuid4(), attempt=2)
    queue = MemoryQueue(waiting=[job])
    worker = JobWorker(queue, [Handler(breaks=breaks)], on_done=lambda _: None, name="tester")
    assert await worker.work_once()
    assert recorder.flush(5)
    span = exported(collector.wait_for(1))["job analysis"]
    assert span.kind == Span.SPAN_KIND_CONSUMER
    expected = {"job.id": str(job.id), "session.id": str(job.session_id), "job.attempt": 2}
    assert attributes(span) == expected | ({"error.type": "ValueError"} if breaks else {})


def test_a_connection_is_a_span_too(collector: Receiver, recorder: OtlpRecorder) -> None:
    class Endpoint:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            websocket = WebSocket(scope, receive, send)
            await websocket.accept()
            await websocket.send_text(tracing.trace_id() or "")
            await websocket.close()

    app, router = FastAPI(), APIRouter()
    router.routes.append(WebSocketRoute("/ws/{session_id}", Endpoint()))
    app.include_router(router)
    app.add_middleware(RequestWatch, meter=PrometheusMeter())
    with TestClient(app).websocket_connect("/ws/one") as socket:
        trace = socket.receive_text()
    assert recorder.flush(5)
    span = exported(collector.wait_for(1))["WS /ws/{session_id}"]
    assert (span.kind, span.trace_id.hex()) == (Span.SPAN_KIND_SERVER, trace)


async def test_a_context_that_is_none_begins_a_trace(collector: Receiver, recorder: OtlpRecorder) -> None:
    response = await ask("one", traceparent="00-nonsense")
    assert len(response.json()["trace"]) == 32


async def test_a_collector_that_is_away_costs_nothing() -> None:
    recorder = OtlpRecorder("http://127.0.0.1:9", environment="test", version="1")
    tracing.record_with(recorder)
    try:
        for _ in range(3_000):
            with tracing.span("many"):
                pass
        assert (await ask("one")).status_code == 200
        recorder.flush(0.1)
    finally:
        tracing.record_with(None)


async def test_without_a_recorder_there_is_no_trace() -> None:
    assert (await ask("one")).json() == {"trace": None}
