"""Every error is a problem document, and none tells of the inside."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.api.body_limit import MAX_BODY_BYTES
from app.repositories.database import Database
from tests.api.conftest import problem

SESSIONS = "/api/v1/sessions"
JSON = {"content-type": "application/json"}


async def test_unknown_addresses_and_methods(client: httpx.AsyncClient) -> None:
    missing = await client.get("/api/v1/nowhere")
    assert (missing.status_code, problem(missing)["code"]) == (404, "not_found")
    wrong = await client.put(SESSIONS)
    assert (wrong.status_code, problem(wrong)["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, POST"
    assert (await client.put("/api/v1/users/me")).headers["allow"] == "GET, PATCH, DELETE"


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe{}", b"\x00", b'{"mode": "full"', b"[" * 50_000, b"{'mode': 1}"]
)
async def test_bodies_that_are_not_json(as_alice: httpx.AsyncClient, body: bytes) -> None:
    response = await as_alice.post(SESSIONS, content=body, headers=JSON)
    assert response.status_code == 400
    assert problem(response)["code"] in {"body_not_json", "bad_request", "body_too_deep"}


async def test_a_missing_body_and_another_media_type(as_alice: httpx.AsyncClient) -> None:
    missing = await as_alice.post(SESSIONS)
    assert (missing.status_code, problem(missing)["code"]) == (422, "request_invalid")
    other = await as_alice.post(SESSIONS, content=b"mode=full", headers={"content-type": "text/plain"})
    assert (other.status_code, problem(other)["code"]) == (415, "unsupported_media_type")


async def test_huge_bodies_are_cut_off(as_alice: httpx.AsyncClient) -> None:
    huge = b'{"mode": "' + b"x" * MAX_BODY_BYTES + b'"}'
    response = await as_alice.post(SESSIONS, content=huge, headers=JSON)
    assert (response.status_code, problem(response)["code"]) == (413, "body_too_large")

    async def chunks():
        for _ in range(MAX_BODY_BYTES // 1_000 + 2):
            yield b" " * 1_000

    response = await as_alice.post(SESSIONS, content=chunks(), headers=JSON)
    assert (response.status_code, problem(response)["code"]) == (413, "body_too_large")


async def test_many_strange_fields_make_a_short_answer(as_alice: httpx.AsyncClient) -> None:
    body = {f"{'k' * 500}{n}": n for n in range(100)}
    response = await as_alice.post(SESSIONS, json=body)
    assert response.status_code == 422
    assert len(response.content) < 10_000


async def test_the_unexpected_has_a_reference_and_no_details(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("password is hunter2")

    response = await client.get("/broken")
    assert response.status_code == 500
    document = problem(response)
    assert document["code"] == "internal_error"
    assert document["reference"] == response.headers["x-request-id"]
    assert "hunter2" not in response.text


async def test_a_database_that_is_away(as_alice: httpx.AsyncClient, database: Database) -> None:
    await database.close()
    response = await as_alice.get(SESSIONS)
    assert (response.status_code, problem(response)["code"]) == (503, "storage_unavailable")
    assert response.headers["retry-after"] == "1"


async def test_a_full_pool(as_alice: httpx.AsyncClient, database: Database, alice: UUID) -> None:
    async with AsyncExitStack() as held:
        for _ in range(5):
            await held.enter_async_context(database.as_user(alice))
        response = await as_alice.get(SESSIONS)
    assert (response.status_code, problem(response)["code"]) == (503, "storage_busy")
    assert (await as_alice.get(SESSIONS)).status_code == 200


async def test_many_requests_at_once_share_the_pool(as_alice: httpx.AsyncClient) -> None:
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(as_alice.get(SESSIONS)) for _ in range(40)]
    assert {task.result().status_code for task in asked} == {200}


async def test_the_openapi_document_declares_the_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            responses = set(operation["responses"])
            if path.startswith("/api/"):
                assert "429" in responses, path
            if "requestBody" in operation:
                assert {"400", "413", "415"} <= responses, path
            if path.startswith("/api/v1/dev"):
                assert {"400", "422"} <= responses, path
            elif path.startswith("/api/v1"):
                assert {"400", "401", "422", "503"} <= responses, (method, path)
                assert "{" not in path or "404" in responses, path
                assert operation["security"] == [{"HTTPBearer": []}]
    problem_schema = document["paths"][SESSIONS]["get"]["responses"]["422"]["content"]
    assert problem_schema == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
