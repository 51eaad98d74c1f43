"""/api/v1/sessions"""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.services.session_store import Checkpoint, SessionRecord, TurnRecord
from app.services.speech import AudioLog
from tests.api.conftest import problem
from tests.fakes.memory_blobs import MemoryBlobs
from tests.fakes.ramp import ramp

SESSIONS = "/api/v1/sessions"
QUESTION = TurnRecord(
    id=uuid4(),
    index=0,
    speaker="examiner",
    part=1,
    text="Do you work, or are you a student?",
    start_ms=0,
    end_ms=0,
    kind="question",
    question_id="p1.work",
    frame_conformance="verbatim",
)
ANSWER = TurnRecord(
    id=uuid4(),
    index=1,
    speaker="learner",
    part=1,
    text="I am student.",
    start_ms=1_200,
    end_ms=2_400,
    kind="question",
    question_id="p1.work",
    words=[{"text": "I", "start_ms": 1_200, "end_ms": 1_300, "probability": 0.98}],
)


async def create(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await client.post(SESSIONS, json={"mode": "quick", **body})
    assert response.status_code == 201, response.text
    return response.json()


async def hold(database: Database, session_id: str, user_id: UUID, *, audio_ms: int = 3_000) -> SessionRecord:
    """Let the session happen up to an answer."""
    store = PostgresLiveSessions(database)
    session = await store.claim(UUID(session_id), user_id)
    turns = [replace(QUESTION, id=uuid4()), replace(ANSWER, id=uuid4())]
    await store.append(session, [], turns=turns, checkpoint=Checkpoint(audio_ms))
    return session


async def test_a_new_session_says_where_to_go(as_alice: httpx.AsyncClient) -> None:
    response = await as_alice.post(SESSIONS, json={"mode": "full"})
    assert response.status_code == 201
    body = response.json()
    assert (body["mode"], body["status"], body["clock"]) == ("full", "created", "standard")
    assert body["websocket_url"] == f"ws://test/ws/{body['id']}"
    read = await as_alice.get(response.headers["location"])
    assert read.status_code == 200
    assert read.json()["id"] == body["id"]


async def test_the_plan_is_made_for_the_mode_and_knows_earlier_ones(
    as_alice: httpx.AsyncClient, alice: UUID, database: Database
) -> None:
    first = await create(as_alice, mode="part2", clock="short")
    store = PostgresLiveSessions(database)
    assert (await store.claim(UUID(first["id"]), alice)).plan == {"mode": "part2", "earlier": 0}
    second = await create(as_alice, mode="part3")
    assert (await store.claim(UUID(second["id"]), alice)).plan == {"mode": "part3", "earlier": 1}


@pytest.mark.parametrize("wish", [{"part": 3}, {"topic": "food"}, {"topic": " food ", "part": 1}])
async def test_a_practice_is_of_a_part_or_a_topic(
    as_alice: httpx.AsyncClient, alice: UUID, database: Database, wish: dict[str, Any]
) -> None:
    created = await create(as_alice, mode="practice", **wish)
    assert created["mode"] == "practice"
    stored = (await PostgresLiveSessions(database).claim(UUID(created["id"]), alice)).plan
    assert (stored["part"], stored["topic"]) == (wish.get("part"), "food" if "topic" in wish else None)


async def test_a_topic_that_there_is_not_says_where_they_are(as_alice: httpx.AsyncClient) -> None:
    response = await as_alice.post(SESSIONS, json={"mode": "practice", "topic": "quantum physics"})
    assert response.status_code == 404
    assert problem(response)["code"] == "topic_not_found"
    assert (await as_alice.get(SESSIONS)).json()["items"] == []
    listed = (await as_alice.get("/api/v1/topics")).json()["items"]
    assert {
        "id": "P1-005",
        "name": "Tea and other drinks",
        "parts": [1],
        "themes": ["drink", "food"],
    } in listed


async def test_behind_tls_the_socket_is_secure(as_alice: httpx.AsyncClient) -> None:
    response = await as_alice.post("https://exam.example/api/v1/sessions", json={"mode": "quick"})
    assert response.json()["websocket_url"].startswith("wss://exam.example/ws/")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "part4"},
        {"mode": None},
        {"mode": "full", "clock": "slow"},
        {"mode": "full", "x": 1},
        {"mode": "full", "part": 2},
        {"mode": "part1", "topic": "food"},
        {"mode": "practice"},
        {"mode": "practice", "part": 4},
        {"mode": "practice", "topic": " "},
        {"mode": "practice", "topic": "f" * 121},
        [],
        3,
    ],
)
async def test_a_session_of_no_known_kind_is_refused(as_alice: httpx.AsyncClient, body: object) -> None:
    response = await as_alice.post(SESSIONS, json=body)
    assert response.status_code == 422
    assert problem(response)["code"] == "request_invalid"
    assert (await as_alice.get(SESSIONS)).json() == {"items": [], "next_cursor": None}


async def test_pages_follow_one_another_to_the_end(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient
) -> None:
    made = [(await create(as_alice))["id"] for _ in range(5)]
    await create(as_bob)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        parameters: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await as_alice.get(SESSIONS, params=parameters)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "%00", "é", "A" * 32 + "!", "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
async def test_a_bad_cursor_is_refused(as_alice: httpx.AsyncClient, cursor: str) -> None:
    response = await as_alice.get(SESSIONS, params={"cursor": cursor})
    assert response.status_code == 400
    assert problem(response)["code"] == "cursor_invalid"


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1e3", "9" * 30])
async def test_a_bad_limit_is_refused(as_alice: httpx.AsyncClient, limit: str) -> None:
    response = await as_alice.get(SESSIONS, params={"limit": limit})
    assert response.status_code == 422
    assert problem(response)["errors"][0]["location"] == "query.limit"


async def test_a_session_shows_what_was_said(
    as_alice: httpx.AsyncClient, alice: UUID, database: Database
) -> None:
    created = await create(as_alice)
    live = await hold(database, created["id"], alice)
    await PostgresLiveSessions(database).finish(
        live, [], reason="completed", summary={"words": 3}, audio_ms=3_000
    )

    body = (await as_alice.get(f"{SESSIONS}/{created['id']}")).json()
    assert body["status"] == "ended"
    assert body["end_reason"] == "completed"
    assert body["analysis_status"] == "queued"
    assert body["audio_ms"] == 3_000
    assert body["summary"] == {"words": 3}
    assert body["transcript"] == "Examiner: Do you work, or are you a student?\nLearner: I am student."
    question, answer = body["turns"]
    assert (question["frame_conformance"], question["words"]) == ("verbatim", [])
    assert (answer["start_ms"], answer["end_ms"]) == (1_200, 2_400)
    assert answer["words"] == [{"word": "I", "start_ms": 1_200, "end_ms": 1_300, "confidence": 0.98}]


@pytest.mark.parametrize("address", ["", "/audio"])
async def test_foreign_and_unknown_sessions_do_not_exist(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, address: str
) -> None:
    created = await create(as_alice)
    for session_id in (created["id"], uuid4()):
        response = await as_bob.get(f"{SESSIONS}/{session_id}{address}")
        assert response.status_code == 404
        assert problem(response)["code"] == "session_not_found"
    response = await as_bob.get(f"{SESSIONS}/none-of-ours{address}")
    assert response.status_code == 422


# --- audio ------------------------------------------------------------------------------------------


@pytest.fixture
async def audio(as_alice: httpx.AsyncClient, alice: UUID, database: Database, blobs: MemoryBlobs) -> str:
    """Where the three seconds are that Alice spoke."""
    created = await create(as_alice)
    await hold(database, created["id"], alice)
    log = AudioLog(blobs, UUID(created["id"]), epoch=1)
    log.append(ramp(0, 3_000))
    await log.flush()
    return f"{SESSIONS}/{created['id']}/audio"


async def test_the_recording_is_a_wav_file(as_alice: httpx.AsyncClient, audio: str) -> None:
    response = await as_alice.get(audio)
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["accept-ranges"] == "bytes"
    assert int(response.headers["content-length"]) == len(response.content) == 44 + 3_000 * 32
    assert response.content[44:] == ramp(0, 3_000)


@pytest.mark.parametrize(
    ("parameters", "start_ms", "end_ms"),
    [
        ({"start_ms": 1_000}, 1_000, 3_000),
        ({"end_ms": 500}, 0, 500),
        ({"start_ms": 1_200, "end_ms": 2_400}, 1_200, 2_400),
        ({"start_ms": 2_900, "end_ms": 99_999}, 2_900, 3_000),
    ],
)
async def test_a_stretch_of_the_recording(
    as_alice: httpx.AsyncClient, audio: str, parameters: dict[str, int], start_ms: int, end_ms: int
) -> None:
    response = await as_alice.get(audio, params=parameters)
    assert response.content[44:] == ramp(start_ms, end_ms)


async def test_a_long_recording_is_read_in_pieces(
    as_alice: httpx.AsyncClient, audio: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.routes.sessions.PIECE_MS", 700)
    assert (await as_alice.get(audio)).content[44:] == ramp(0, 3_000)


async def test_ranges(as_alice: httpx.AsyncClient, audio: str) -> None:
    whole = await as_alice.get(audio)
    size = len(whole.content)

    for header, first, last in [
        ("bytes=0-1", 0, 1),
        ("bytes=40-50", 40, 50),
        ("bytes=1044-1044", 1_044, 1_044),
        ("bytes=50001-", 50_001, size - 1),
        ("bytes=-77", size - 77, size - 1),
        (f"bytes=100-{size * 2}", 100, size - 1),
    ]:
        response = await as_alice.get(audio, headers={"Range": header})
        assert response.status_code == 206, header
        assert response.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert response.content == whole.content[first : last + 1], header
        assert int(response.headers["content-length"]) == last - first + 1

    outside = await as_alice.get(audio, headers={"Range": f"bytes={size}-"})
    assert outside.status_code == 416
    assert outside.headers["content-range"] == f"bytes */{size}"
    assert problem(outside)["code"] == "range_not_satisfiable"

    changed = await as_alice.get(audio, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert changed.status_code == 200
    same = await as_alice.get(audio, headers={"Range": "bytes=0-1", "If-Range": whole.headers["etag"]})
    assert same.status_code == 206


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"start_ms": -1}, 422, "request_invalid"),
        ({"start_ms": 500, "end_ms": 500}, 422, "request_invalid"),
        ({"start_ms": "now"}, 422, "request_invalid"),
        ({"end_ms": 2**40}, 422, "request_invalid"),
        ({"begin_ms": 0}, 422, "request_invalid"),
        ({"start_ms": 3_000}, 404, "recording_not_found"),
    ],
)
async def test_a_stretch_that_makes_no_sense(
    as_alice: httpx.AsyncClient, audio: str, parameters: dict[str, Any], status: int, code: str
) -> None:
    response = await as_alice.get(audio, params=parameters)
    assert (response.status_code, problem(response)["code"]) == (status, code)


async def test_a_silent_session_has_no_recording(as_alice: httpx.AsyncClient) -> None:
    created = await create(as_alice)
    response = await as_alice.get(f"{SESSIONS}/{created['id']}/audio")
    assert (response.status_code, problem(response)["code"]) == (404, "recording_not_found")


async def test_a_recording_that_is_gone_is_not_found(
    as_alice: httpx.AsyncClient, audio: str, blobs: MemoryBlobs
) -> None:
    blobs.blobs.clear()
    response = await as_alice.get(audio)
    assert (response.status_code, problem(response)["code"]) == (404, "recording_not_found")


async def test_recordings_that_cannot_be_reached_are_not_a_short_file(
    as_alice: httpx.AsyncClient, audio: str, blobs: MemoryBlobs
) -> None:
    blobs.down = True
    response = await as_alice.get(audio)
    assert (response.status_code, problem(response)["code"]) == (503, "storage_unavailable")


async def test_a_ticket_is_given_for_ones_own_session_only(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient
) -> None:
    created = (await as_alice.post(SESSIONS, json={"mode": "quick"})).json()
    answer = await as_alice.post(f"{SESSIONS}/{created['id']}/ticket")
    assert answer.status_code == 201
    assert answer.json()["ticket"].startswith("st_")
    assert answer.json()["expires_in"] == 60
    for stranger, session_id in ((as_bob, created["id"]), (as_alice, uuid4())):
        refused = await stranger.post(f"{SESSIONS}/{session_id}/ticket")
        assert (refused.status_code, problem(refused)["code"]) == (404, "session_not_found")
