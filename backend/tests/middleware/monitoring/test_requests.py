"""Every request has an id, a route to be counted under, and a context that ends with it."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI
from structlog.testing import capture_logs

from app.api.errors import SessionNotFound, install_errors
from app.middleware.monitoring import RequestWatch
from app.middleware.monitoring.requests import request_id_of


class Counted:
    """Implements RequestMeter."""

    def __init__(self) -> None:
        self.served: list[tuple[str, str, int]] = []
        self.problems: list[str] = []

    def request_served(self, method: str, route: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self.served.append((method, route, status))

    def problem_answered(self, code: str) -> None:
        self.problems.append(code)


@pytest.fixture
def meter() -> Counted:
    return Counted()


@pytest.fixture
async def client(meter: Counted) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_errors(app)
    things = APIRouter(prefix="/things")

    @things.get("/{name}")
    async def thing(name: str) -> dict[str, object]:
        if name == "missing":
            raise SessionNotFound
        if name == "broken":
            raise RuntimeError("a defect")
        structlog.contextvars.bind_contextvars(user_id=name)
        return structlog.contextvars.get_contextvars()

    app.include_router(things, prefix="/api/v1")
    app.add_middleware(RequestWatch, meter=meter)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
        yield client


async def test_requests_are_counted_by_the_whole_template_of_their_route(
    client: httpx.AsyncClient, meter: Counted
) -> None:
    for path in ("things/one", "things/missing", "things/broken", "nowhere/998901234567"):
        await client.get(f"/api/v1/{path}")
    await client.request("BREW", "/api/v1/things/one")
    whole = "/api/v1/things/{name}"
    assert meter.served == [
        ("GET", whole, 200),
        ("GET", whole, 404),
        ("GET", whole, 500),
        ("GET", "none", 404),
        ("OTHER", whole, 405),
    ]
    assert meter.problems == ["session_not_found", "not_found", "method_not_allowed"]


async def test_an_id_that_a_caller_gives_is_kept_and_returned(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/v1/things/one", headers={"X-Request-ID": "edge-7f3a.42"})
    assert response.headers["x-request-id"] == "edge-7f3a.42"
    assert response.json() == {"request_id": "edge-7f3a.42", "user_id": "one"}


async def test_the_context_of_a_request_ends_with_it(client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/things/one")
    after = (await client.get("/api/v1/things/two")).json()
    assert after["user_id"] == "two"
    assert after["request_id"] != "edge-7f3a.42"


async def test_an_answer_to_our_own_defect_names_the_id_that_the_log_has(client: httpx.AsyncClient) -> None:
    with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        response = await client.get("/api/v1/things/broken")
    told = response.json()["reference"]
    assert response.headers["x-request-id"] == told
    assert {entry["request_id"] for entry in logs} == {told}
    assert [entry["event"] for entry in logs] == ["http.request", "api.unexpected_error"]
    assert logs[0]["status"] == 500


@pytest.mark.parametrize(
    "offered",
    [
        None,
        "",
        "short",
        "x" * 65,
        "with space in it",
        "line\nbreak-in-it",
        "+998901234567",
        "998901234567",
        "<script>alert(1)</script>",
        "ўзбек-request-id",
    ],
)
def test_what_is_no_id_is_replaced(offered: str | None) -> None:
    assert UUID(request_id_of(offered))
    assert request_id_of(offered) != offered


@pytest.mark.parametrize("offered", ["4bf92f3577b34da6a3ce929d0e0e4736", "01HZX3V9Q2-a.b", "req_12345678"])
def test_usual_forms_of_ids_are_kept(offered: str) -> None:
    assert request_id_of(offered) == offered
