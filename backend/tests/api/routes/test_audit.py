"""/api/v1/users/me/audit"""

from uuid import UUID

import httpx

from tests.api.conftest import problem

AUDIT = "/api/v1/users/me/audit"


async def test_a_learner_reads_their_own_log_page_by_page(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, alice: UUID
) -> None:
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    await as_alice.patch("/api/v1/users/me", json={"target_band": 7})
    await as_bob.patch("/api/v1/users/me", json={"target_band": 8})

    first = (await as_alice.get(AUDIT, params={"limit": 2})).json()
    assert [row["action"] for row in first["items"]] == ["profile.changed", "session.created"]
    assert first["items"][1]["record"] == f"session/{created['id']}"
    assert first["items"][0]["prev"] == first["items"][1]["hash"]
    assert {row["actor"] for row in first["items"]} == {"learner"}
    rest = (await as_alice.get(AUDIT, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [row["action"] for row in rest["items"]] == ["account.created"]
    assert rest["items"][0]["record"] == f"account/{alice}"
    assert rest["next_cursor"] is None


async def test_the_log_says_which_network_and_which_request(as_alice: httpx.AsyncClient) -> None:
    await as_alice.patch("/api/v1/users/me", json={"target_band": 7})
    row = (await as_alice.get(AUDIT)).json()["items"][0]
    assert row["origin"] == "127.0.0.0/24"


async def test_a_cursor_that_is_none_is_refused(as_alice: httpx.AsyncClient) -> None:
    for cursor in ("-1", "0", "x", "9" * 30):
        response = await as_alice.get(AUDIT, params={"cursor": cursor})
        assert problem(response)["code"] == "request_invalid"
