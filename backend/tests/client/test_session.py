"""REST half of the client against a real HTTP server."""

import json

import pytest

from client import ExamClient, ServerUnreachable, SessionRefused, SystemClock, TimedOut
from tests.fakes.exam_server import ExamServer


async def test_it_signs_in_and_uses_the_token(server: ExamServer) -> None:
    server.replies = {
        "POST /api/v1/dev/token": (200, {"access_token": "T", "token_type": "bearer", "expires_in": 60}),
        "POST /api/v1/sessions": (201, {"id": "s1", "mode": "quick"}),
    }
    async with ExamClient(server.url + "/") as client:
        assert await client.sign_in("alice") == "T"
        session = await client.create_session("quick", clock="short")
    assert session["id"] == "s1"
    (_, _, asked), (_, headers, wanted) = server.requests
    assert json.loads(asked) == {"user": "alice"}
    assert json.loads(wanted) == {"mode": "quick", "clock": "short"}
    assert headers["authorization"] == "Bearer T"


async def test_without_a_token_nothing_is_sent(server: ExamServer) -> None:
    async with ExamClient(server.url) as client:
        with pytest.raises(SessionRefused) as refused:
            await client.create_session("quick")
    assert refused.value.code == "no_token"
    assert server.requests == []


async def test_a_problem_document_becomes_a_refusal(server: ExamServer) -> None:
    server.replies = {
        "POST /api/v1/sessions": (
            422,
            {"code": "invalid_mode", "title": "Invalid", "detail": "Choose quick or full."},
        )
    }
    async with ExamClient(server.url, token="T") as client:
        with pytest.raises(SessionRefused, match="Choose quick or full") as refused:
            await client.create_session("slow")
    assert refused.value.code == "invalid_mode"
    assert not refused.value.retryable


async def test_nobody_there(unused_tcp_port: int) -> None:
    async with ExamClient(f"http://127.0.0.1:{unused_tcp_port}") as client:
        with pytest.raises(ServerUnreachable):
            await client.sign_in("alice")


async def test_the_analysis_is_asked_for_until_it_is_done(server: ExamServer) -> None:
    path = "GET /api/v1/analysis/sessions/s1"
    server.replies = {path: (200, {"status": "running"})}

    class Impatient(SystemClock):
        async def sleep_until(self, instant: float) -> None:
            server.replies[path] = (200, {"status": "done", "overall_band": 6.0})

    async with ExamClient(server.url, token="T", clock=Impatient()) as client:
        analysis = await client.analysis("s1", timeout_s=5)
    assert analysis["overall_band"] == 6.0
    assert len(server.requests) == 2


async def test_an_analysis_that_never_comes(server: ExamServer) -> None:
    server.replies = {"GET /api/v1/analysis/sessions/s1": (200, {"status": "queued"})}
    async with ExamClient(server.url, token="T") as client:
        with pytest.raises(TimedOut, match="still queued"):
            await client.analysis("s1", timeout_s=0)


async def test_the_report_is_asked_for_until_it_is_there(server: ExamServer) -> None:
    path = "/api/v1/analysis/sessions/s1/pdf"
    server.replies = {f"POST {path}": (202, {"status": "queued"}), f"GET {path}": (200, b"%PDF-1.7")}

    class Impatient(SystemClock):
        async def sleep_until(self, instant: float) -> None:
            server.replies[f"POST {path}"] = (200, {"status": "done"})

    async with ExamClient(server.url, token="T", clock=Impatient()) as client:
        assert await client.report("s1", timeout_s=5) == b"%PDF-1.7"
        server.replies[f"POST {path}"] = (200, {"status": "failed"})
        assert await client.report("s1", timeout_s=5) is None
        server.replies[f"POST {path}"] = (202, {"status": "running"})
        with pytest.raises(TimedOut, match="still running"):
            await client.report("s1", timeout_s=0)


async def test_waiting_for_readiness_gives_up_with_the_servers_words(server: ExamServer) -> None:
    server.replies = {"GET /ready": (503, {"code": "loading", "detail": "Models are loading."})}

    class Jumping(SystemClock):
        at = 0.0

        def now(self) -> float:
            return self.at

        async def sleep_until(self, instant: float) -> None:
            self.at = instant

    async with ExamClient(server.url, clock=Jumping()) as client:
        with pytest.raises(TimedOut, match="Models are loading"):
            await client.wait_until_ready(2)
        server.replies["GET /ready"] = (200, {"status": "ready"})
        await client.wait_until_ready(2)


async def test_a_token_that_was_refused_is_replaced_once(server: ExamServer) -> None:
    fresh = iter(["two", "three"])

    async def refresh() -> str:
        return next(fresh)

    server.replies = {"GET /api/v1/users/me": (401, {"code": "token_expired", "detail": "Fetch a new one."})}
    async with ExamClient(server.url, token="one", refresh=refresh) as client:
        with pytest.raises(SessionRefused, match="token_expired"):
            await client.rest.me()
    assert [headers["authorization"] for _, headers, _ in server.requests] == ["Bearer one", "Bearer two"]


async def test_a_ticket_opens_the_socket_where_a_token_cannot_go(server: ExamServer) -> None:
    server.replies = {
        "POST /api/v1/dev/token": (200, {"access_token": "T"}),
        "POST /api/v1/sessions/s1/ticket": (201, {"ticket": "st_1", "expires_in": 60}),
        "POST /api/v1/sessions/s2/ticket": (404, {"code": "session_not_found", "detail": "Not yours."}),
    }
    async with ExamClient(server.url) as client:
        await client.sign_in("alice")
        assert await client.rest.ticket("s1") == "st_1"
        with pytest.raises(SessionRefused) as refused:
            await client.rest.ticket("s2")
    assert refused.value.code == "session_not_found"
    assert server.requests[1][1]["authorization"] == "Bearer T"
