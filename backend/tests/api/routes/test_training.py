"""/api/v1/training"""

import asyncio
import struct
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.api.conftest import problem
from tests.fakes.listener import ScriptedListener
from tests.fakes.training_cards import BETTER, SAID, TASKS, MakeCards, answer, first_task, mistake


def wav(pcm: bytes, *, rate: int = 16_000, channels: int = 1) -> bytes:
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 * channels, 2 * channels, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(pcm))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + head
        + b"data"
        + struct.pack("<I", len(pcm))
        + pcm
    )


async def test_a_task_is_due_answered_and_gone(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    assert (task["type"], task["text"], task["state"]) == ("correct", SAID, "new")
    assert task["answer"] == "voice_or_text"
    done = await answer(as_alice, task)
    assert done.status_code == 200
    result = done.json()
    assert (result["grade"], result["measured_grade"], result["reason"]) == (5, 5, "right")
    assert result["why"] == "Right: it comes back tomorrow (SM-2, ease 2.60)."
    listed = (await as_alice.get(TASKS)).json()
    assert (listed["items"], listed["finished_today"]) == ([], 1)
    day = datetime.fromisoformat(listed["day"])
    assert result["next_due"] == (day + timedelta(days=1)).date().isoformat()


async def test_the_weightiest_come_first_and_a_limit_holds(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice, [mistake(f"R-{n}", weight=n) for n in range(30)])
    listed = (await as_alice.get(TASKS)).json()["items"]
    assert [t["target"] for t in listed] == [f"R-{n}" for n in range(29, 9, -1)]
    for limit, shown in ((3, 3), (100, 20)):
        assert len((await as_alice.get(TASKS, params={"limit": limit})).json()["items"]) == shown
    for limit in (0, 101, "all"):
        assert (await as_alice.get(TASKS, params={"limit": limit})).status_code == 422
    await answer(as_alice, listed[0])
    assert len((await as_alice.get(TASKS)).json()["items"]) == 19


async def test_a_type_may_be_asked_for(as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards) -> None:
    await trained(alice)
    (task,) = (await as_alice.get(TASKS, params={"type": "gap"})).json()["items"]
    assert (task["type"], task["text"]) == ("gap", SAID.replace("work", "_____"))
    done = await answer(as_alice, task, "works", type="gap")
    assert (done.json()["type"], done.json()["grade"]) == ("gap", 4)
    assert (await as_alice.get(TASKS, params={"type": "minimal_pairs"})).json()["items"] == []
    refused = await as_alice.get(f"{TASKS}/{task['id']}", params={"type": "retell"})
    assert (refused.status_code, problem(refused)["code"]) == (422, "drill_not_possible")


async def test_the_same_attempt_counts_once(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, superuser: psycopg.Connection
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    attempt = str(uuid4())
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(answer(as_alice, task, attempt_id=attempt)) for _ in range(4)]
    late = await answer(as_alice, task, "My brother he work.", attempt_id=attempt)
    assert {t.result().text for t in tries} == {late.text}
    count = "select count(*) from training_reviews where user_id = %s"
    assert superuser.execute(count, (alice,)).fetchone() == (1,)


async def test_a_second_answer_the_same_day_is_refused(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    await answer(as_alice, task)
    again = await answer(as_alice, task)
    assert (again.status_code, problem(again)["code"]) == (409, "task_not_due")


async def test_a_wrong_answer_comes_back_the_same_day_as_another_drill(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    wrong = (await answer(as_alice, task, SAID)).json()
    assert (wrong["grade"], wrong["reason"], wrong["better"]) == (2, "target_wrong", BETTER)
    back = await first_task(as_alice)
    assert (back["id"], back["type"], back["revision"]) == (task["id"], "gap", 1)
    stale = await answer(as_alice, task, revision=task["revision"])
    assert (stale.status_code, problem(stale)["code"]) == (409, "task_changed")


async def test_unknown_and_foreign_tasks_are_alike(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    for client, task_id in ((as_bob, task["id"]), (as_alice, str(uuid4()))):
        for call in (
            client.get(f"{TASKS}/{task_id}"),
            answer(client, {"id": task_id}),
            client.post(f"{TASKS}/{task_id}/skip"),
            client.post(f"{TASKS}/{task_id}/suspend"),
            client.post(f"{TASKS}/{task_id}/resume"),
        ):
            response = await call
            assert (response.status_code, problem(response)["code"]) == (404, "task_not_found")
    assert (await first_task(as_alice))["revision"] == 0


async def test_an_attempt_id_belongs_to_one_task_and_one_learner(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, alice: UUID, bob: UUID, trained: MakeCards
) -> None:
    await trained(alice, [mistake("R-1"), mistake("R-2")])
    await trained(bob)
    first, second = (await as_alice.get(TASKS)).json()["items"]
    attempt = (await answer(as_alice, first)).json()["attempt_id"]
    taken = await answer(as_alice, second, attempt_id=attempt)
    assert (taken.status_code, problem(taken)["code"]) == (409, "attempt_id_taken")
    assert (await answer(as_bob, await first_task(as_bob), attempt_id=attempt)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"attempt_id": "1"},
        {"attempt_id": str(uuid4())},
        {"attempt_id": str(uuid4()), "text": 7},
        {"attempt_id": str(uuid4()), "text": "x" * 5_001},
        {"attempt_id": str(uuid4()), "text": "a", "elapsed_ms": -1},
        {"attempt_id": str(uuid4()), "text": "a", "grade": 6},
        {"attempt_id": str(uuid4()), "text": "a", "type": "sing"},
        {"attempt_id": str(uuid4()), "text": "a", "answered_at": "2020-01-01"},
        [],
    ],
)
async def test_what_cannot_be_understood_is_named(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, body: Any
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    response = await as_alice.post(f"{TASKS}/{task['id']}/complete", json=body)
    assert (response.status_code, problem(response)["code"]) == (422, "request_invalid")
    assert (await first_task(as_alice))["revision"] == 0


async def test_a_million_characters_and_too_much_sound_are_refused(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    long_text = await answer(as_alice, task, "word " * 200_000)
    assert (long_text.status_code, problem(long_text)["code"]) == (413, "body_too_large")
    url = f"{TASKS}/{task['id']}/complete?attempt_id={uuid4()}"
    for size, expected in ((6_000_000, (413, "body_too_large")), (2_000_000, (422, "recording_too_long"))):
        response = await as_alice.post(url, content=bytes(size), headers={"content-type": "audio/l16"})
        assert (response.status_code, problem(response)["code"]) == expected
    assert (await first_task(as_alice))["revision"] == 0


async def test_a_recording_is_judged_by_what_is_heard(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, listener: ScriptedListener
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    listener.said = "My brother is older and he work in a bank."
    url = f"{TASKS}/{task['id']}/complete?attempt_id={uuid4()}&revision=0"
    heard = await as_alice.post(url, content=wav(bytes(64_000)), headers={"content-type": "audio/wav"})
    assert heard.status_code == 200
    assert (heard.json()["grade"], heard.json()["understood"]) == (2, listener.said)


UNFIT = [
    (b"RIFF", "audio/wav", 422, "recording_unreadable"),
    (wav(bytes(100), rate=44_100), "audio/wav", 422, "recording_unreadable"),
    (wav(bytes(100), channels=2), "audio/wav", 422, "recording_unreadable"),
    (b"", "audio/l16", 422, "recording_unreadable"),
    (b"ID3", "audio/mpeg", 415, "unsupported_media_type"),
    (b"\xff\xfe", "application/json", 400, "body_not_json"),
    (wav(bytes(32_000)), "audio/wav", 422, "answer_of_another_task"),
]


async def test_recordings_that_do_not_fit_count_for_nothing(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, listener: ScriptedListener
) -> None:
    await trained(alice)
    listener.said = "Tomorrow the weather should become warmer again."
    task = await first_task(as_alice)
    url = f"{TASKS}/{task['id']}/complete?attempt_id={uuid4()}"
    for content, kind, status, code in UNFIT:
        response = await as_alice.post(url, content=content, headers={"content-type": kind})
        assert (response.status_code, problem(response)["code"]) == (status, code)
    assert (await first_task(as_alice))["revision"] == 0


async def test_without_models_the_answer_can_be_sent_again(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, listener: ScriptedListener
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    url = f"{TASKS}/{task['id']}/complete?attempt_id={uuid4()}"
    listener.said = None
    down = await as_alice.post(url, content=bytes(32_000), headers={"content-type": "audio/l16"})
    assert (down.status_code, problem(down)["code"]) == (503, "listening_unavailable")
    assert "retry-after" in down.headers
    listener.said = BETTER
    up = await as_alice.post(url, content=bytes(32_000), headers={"content-type": "audio/l16"})
    assert up.json()["grade"] == 5


async def test_the_learner_may_override_and_both_grades_are_kept(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    own = (await answer(as_alice, task, SAID, grade=4)).json()
    assert (own["grade"], own["measured_grade"], own["overridden"]) == (4, 2, True)
    later = await as_alice.put(f"/api/v1/training/attempts/{own['attempt_id']}/grade", json={"grade": 1})
    assert (later.json()["grade"], later.json()["measured_grade"]) == (1, 2)
    assert (await first_task(as_alice))["id"] == task["id"]
    unknown = await as_alice.put(f"/api/v1/training/attempts/{uuid4()}/grade", json={"grade": 1})
    assert (unknown.status_code, problem(unknown)["code"]) == (404, "attempt_not_found")


async def test_a_grade_alone_is_an_answer_of_ones_own(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    body = {"attempt_id": str(uuid4()), "grade": 5}
    done = (await as_alice.post(f"{TASKS}/{task['id']}/complete", json=body)).json()
    assert (done["grade"], done["measured_grade"], done["reason"]) == (5, None, "graded_by_learner")


async def test_undo_makes_the_task_due_again(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    attempt = (await answer(as_alice, task)).json()["attempt_id"]
    for _ in range(2):
        undone = await as_alice.post(f"/api/v1/training/attempts/{attempt}/undo")
        assert (undone.status_code, undone.json()["undone"]) == (200, True)
    assert await first_task(as_alice) == task
    assert (await answer(as_alice, task)).status_code == 200


async def test_skipped_and_suspended_tasks_wait(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, clock: dict[str, datetime]
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    assert (await as_alice.post(f"{TASKS}/{task['id']}/skip")).status_code == 200
    assert (await as_alice.get(TASKS)).json()["items"] == []
    clock["now"] += timedelta(days=1)
    assert (await first_task(as_alice))["id"] == task["id"]
    suspended = await as_alice.post(f"{TASKS}/{task['id']}/suspend")
    assert suspended.json()["status"] == "suspended"
    refused = await answer(as_alice, task)
    assert (refused.status_code, problem(refused)["code"]) == (409, "task_suspended")
    await as_alice.post(f"{TASKS}/{task['id']}/resume")
    assert (await answer(as_alice, task)).status_code == 200


async def test_the_day_is_the_learners_own(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, clock: dict[str, datetime]
) -> None:
    await trained(alice)
    clock["now"] = clock["now"].replace(hour=12)
    days = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        await as_alice.patch("/api/v1/users/me", json={"time_zone": zone})
        days[zone] = datetime.fromisoformat((await as_alice.get(TASKS)).json()["day"])
    assert days["Pacific/Kiritimati"] - days["Pacific/Pago_Pago"] == timedelta(days=1)


async def test_changing_the_scheduler_replays_what_was_answered(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice)
    task = await first_task(as_alice)
    assert (await as_alice.get("/api/v1/users/me")).json()["scheduler"] == "sm2"
    before = (await answer(as_alice, task)).json()
    changed = await as_alice.patch("/api/v1/users/me", json={"scheduler": "fsrs"})
    assert changed.json()["scheduler"] == "fsrs"
    after = (await as_alice.get(f"{TASKS}/{task['id']}")).json()
    assert after["due"] > before["next_due"]
    await as_alice.patch("/api/v1/users/me", json={"scheduler": "sm2"})
    assert (await as_alice.get(f"{TASKS}/{task['id']}")).json()["due"] == before["next_due"]
    wrong = await as_alice.patch("/api/v1/users/me", json={"scheduler": "leitner"})
    assert (wrong.status_code, problem(wrong)["code"]) == (422, "request_invalid")


async def test_the_plan_is_kept_and_made_anew_when_a_day_was_missed(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, clock: dict[str, datetime]
) -> None:
    await trained(alice)
    plan = (await as_alice.get("/api/v1/training/plan")).json()
    planned = [[task["again"] for task in day["tasks"]] for day in plan["days"]]
    assert planned == [[False], [True], [], [], [], [], []]
    assert (await as_alice.get("/api/v1/training/plan")).json() == plan
    clock["now"] += timedelta(days=2)
    anew = (await as_alice.get("/api/v1/training/plan")).json()
    assert anew["missed"] == [plan["starts"]]
    assert len(anew["days"][0]["tasks"]) == 1
    await answer(as_alice, await first_task(as_alice))
    clock["now"] += timedelta(days=1)
    kept = (await as_alice.get("/api/v1/training/plan")).json()
    assert (kept["starts"], kept["days"][0]["finished"]) == (anew["starts"], 1)
    await as_alice.patch("/api/v1/users/me", json={"target_band": 8})
    assert (await as_alice.get("/api/v1/training/plan")).json()["target_band"] == 8


async def test_a_plan_that_was_looked_at_before_the_first_exam_fills_with_its_mistakes(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, superuser: psycopg.Connection
) -> None:
    first = (await as_alice.get("/api/v1/training/plan")).json()
    assert [(day["exam"], len(day["tasks"])) for day in first["days"][:2]] == [("quick", 0), (None, 0)]
    await trained(alice)
    superuser.execute(
        """
        insert into analyses (session_id, user_id, method_version, result)
        select id, user_id, 'test', '{"criteria": {"pronunciation": {"band": 6.0}}}' from sessions
        where user_id = %s
        """,
        (alice,),
    )
    filled = (await as_alice.get("/api/v1/training/plan")).json()
    assert [(day["exam"], len(day["tasks"])) for day in filled["days"][:2]] == [(None, 1), (None, 1)]
    assert filled["days"][1]["talk"]["mode"] in {"part1", "part2", "part3", "practice"}
    assert (await as_alice.get("/api/v1/training/plan")).json() == filled


async def test_progress_tells_uses_and_streaks(
    as_alice: httpx.AsyncClient, alice: UUID, trained: MakeCards, clock: dict[str, datetime]
) -> None:
    await trained(alice)
    for text in (SAID, "works"):
        await answer(as_alice, await first_task(as_alice), text)
    clock["now"] += timedelta(days=1)
    await answer(as_alice, await first_task(as_alice), "She works in a small office.")
    progress = (await as_alice.get("/api/v1/training/progress")).json()
    (rule,) = progress["rules"]
    assert (rule["required"], rule["correct"], rule["state"]) == (3, 2, "learning")
    assert (progress["streak_days"], progress["longest_streak_days"]) == (2, 2)
    assert progress["retention"]["reviews"] == 2
    assert progress["retention"]["verdict"] is None


async def test_without_a_token_there_is_no_training(client: httpx.AsyncClient) -> None:
    for path in ("tasks", "plan", "progress", "export"):
        assert (await client.get(f"/api/v1/training/{path}")).status_code == 401
    assert (await client.post(f"{TASKS}/{uuid4()}/complete", json={})).status_code == 401


async def test_the_answers_body_is_documented(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/api/v1/training/tasks/{task_id}/complete"]["post"]
    assert {"application/json", "audio/wav"} <= set(operation["requestBody"]["content"])
    assert {"attempt_id", "task_id"} <= {p["name"] for p in operation["parameters"]}
    assert {"200", "404", "409", "413", "415", "422"} <= set(operation["responses"])


async def test_the_next_exam_is_planned_for_what_is_not_fixed_and_says_so(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice, [mistake("TENSE-PAST-TIME", weight=3), mistake("AGR-HE-SHE-IT"), mistake("PHR-THE")])
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    assert created["focus"][0] == {"rule_id": "TENSE-PAST-TIME", "structure": "past"}
    read = (await as_alice.get(f"/api/v1/sessions/{created['id']}")).json()
    assert read["focus"] == created["focus"]
    assert (await as_bob.post("/api/v1/sessions", json={"mode": "quick"})).json()["focus"] == []
