"""/api/v1/users/me"""

from collections.abc import Callable
from uuid import UUID, uuid4

import httpx
import pytest

from app.services.speech.audio_keys import audio_key
from tests.api.conftest import problem
from tests.fakes.memory_blobs import MemoryBlobs

ME = "/api/v1/users/me"


async def test_the_profile_of_a_new_learner(as_alice: httpx.AsyncClient, alice: UUID) -> None:
    response = await as_alice.get(ME)
    assert response.status_code == 200
    body = response.json()
    assert body["id"] == str(alice)
    assert body["native_language"] == "uz"
    assert body["target_band"] is None
    assert body["created_at"].endswith("Z")


async def test_changes_stay_and_touch_nothing_else(as_alice: httpx.AsyncClient) -> None:
    changes = {
        "display_name": "  Oʻgʻiloy  ",
        "target_band": 7,
        "exam_date": "2027-01-31",
        "interface_language": "uz-Latn",
        "time_zone": "Europe/London",
    }
    response = await as_alice.patch(ME, json=changes)
    assert response.status_code == 200
    await as_alice.patch(ME, json={"exam_date": None})

    body = (await as_alice.get(ME)).json()
    assert body["display_name"] == "Oʻgʻiloy"
    assert body["target_band"] == 7.0
    assert body["exam_date"] is None
    assert body["interface_language"] == "uz-Latn"
    assert body["time_zone"] == "Europe/London"
    assert body["native_language"] == "uz"


async def test_an_empty_change_is_fine(as_alice: httpx.AsyncClient) -> None:
    before = (await as_alice.get(ME)).json()
    response = await as_alice.patch(ME, json={})
    assert (response.status_code, response.json()) == (200, before)


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({"target_band": 6.3}, "body.target_band"),
        ({"target_band": 9.5}, "body.target_band"),
        ({"target_band": "7"}, "body.target_band"),
        ({"target_band": True}, "body.target_band"),
        ({"display_name": ""}, "body.display_name"),
        ({"display_name": "   "}, "body.display_name"),
        ({"display_name": "a\x00b"}, "body.display_name"),
        ({"display_name": "x" * 81}, "body.display_name"),
        ({"display_name": 7}, "body.display_name"),
        ({"native_language": None}, "body.native_language"),
        ({"native_language": "Uzbek!"}, "body.native_language"),
        ({"time_zone": "Mars/Olympus"}, "body.time_zone"),
        ({"time_zone": "../etc/passwd"}, "body.time_zone"),
        ({"exam_date": "soon"}, "body.exam_date"),
        ({"exam_date": "2027-02-30"}, "body.exam_date"),
        ({"id": "5d1f3a5e-2a9e-4a11-9f0d-0d2b8f1f6c01"}, "body.id"),
        ({"surprise": 1}, "body.surprise"),
        ([], "body"),
    ],
)
async def test_a_bad_change_is_explained_and_changes_nothing(
    as_alice: httpx.AsyncClient, changes: object, location: str
) -> None:
    before = (await as_alice.get(ME)).json()
    response = await as_alice.patch(ME, json=changes)
    assert response.status_code == 422
    document = problem(response)
    assert document["code"] == "request_invalid"
    assert [error["location"] for error in document["errors"]] == [location]
    assert (await as_alice.get(ME)).json() == before


async def test_lone_surrogates_are_refused_wherever_they_stand(as_alice: httpx.AsyncClient) -> None:
    for body in (b'{"display_name": "\\ud800"}', b'{"\\ud800": 1}', b'"\\ud800"'):
        response = await as_alice.patch(ME, content=body, headers={"content-type": "application/json"})
        assert problem(response)["code"] == "request_invalid", body


async def test_erasing_takes_everything_and_may_be_repeated(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, blobs: MemoryBlobs
) -> None:
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "part1"})).json()
    kept = (await as_bob.post("/api/v1/sessions", json={"mode": "part1"})).json()
    for session in (created, kept):
        await blobs.put(audio_key(UUID(session["id"]), 0, 1), b"\0" * 32)

    first = await as_alice.delete(ME)
    assert first.status_code == 200
    receipt = first.json()
    assert receipt["rows"]["sessions"] == 1
    assert receipt["files"] == 1
    assert receipt["finished_at"]
    assert (await as_alice.delete(ME)).json() == receipt

    assert list(blobs.blobs) == [audio_key(UUID(kept["id"]), 0, 1)]
    for address in (ME, f"/api/v1/sessions/{created['id']}"):
        response = await as_alice.get(address)
        assert problem(response)["code"] in {"user_unknown", "session_not_found"}
    response = await as_alice.post("/api/v1/sessions", json={"mode": "part1"})
    assert response.status_code == 401
    assert problem(response)["code"] == "user_unknown"
    assert len((await as_bob.get("/api/v1/sessions")).json()["items"]) == 1


async def test_recordings_that_cannot_be_removed_now_are_said_to_be_left(
    as_alice: httpx.AsyncClient, alice: UUID, blobs: MemoryBlobs
) -> None:
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "part1"})).json()
    await blobs.put(audio_key(UUID(created["id"]), 0, 1), bytes(32))
    blobs.down = True
    response = await as_alice.delete(ME)
    assert response.status_code == 200
    assert response.json()["finished_at"] is None
    assert problem(await as_alice.get(ME))["code"] == "user_unknown"
    blobs.down = False
    assert (await as_alice.delete(ME)).json()["finished_at"]
    assert blobs.blobs == {}


async def test_somebody_unknown_has_nothing_to_erase(sign_in: Callable[[UUID], httpx.AsyncClient]) -> None:
    response = await sign_in(uuid4()).delete(ME)
    assert (response.status_code, problem(response)["code"]) == (401, "user_unknown")
