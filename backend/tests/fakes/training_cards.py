"""A learner's cards as an exam makes them, and how their tasks are answered over REST."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.repositories.database import Database
from app.repositories.sessions import PostgresSessions
from app.repositories.training_cards import absorb_session
from app.services.training_engine import Material, Weakness
from tests.services.training_engine.material import example

TASKS = "/api/v1/training/tasks"
SAID, BETTER = "My brother is older and he work in a bank.", "My brother is older and he works in a bank."

MakeCards = Callable[..., Awaitable[None]]


def mistake(target: str, *, weight: float = 1.0) -> Weakness:
    return Weakness(
        target,
        "rule",
        "grammatical_range_accuracy",
        Material("work → works", "-s", "-s", "R:VERB:SVA", (example(SAID, "work", "works"),)),
        weight=weight,
    )


def cards_in(database: Database) -> MakeCards:
    """Return what makes cards of a user as an exam would."""

    async def make(user_id: UUID, found: Sequence[Weakness] = (mistake("AGR-HE-SHE-IT"),)) -> None:
        created = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
        async with database.as_service() as connection:
            await absorb_session(connection, user_id, created.id, found)

    return make


async def first_task(client: httpx.AsyncClient) -> dict[str, Any]:
    listed = await client.get(TASKS)
    assert listed.status_code == 200
    task: dict[str, Any] = listed.json()["items"][0]
    return task


async def answer(
    client: httpx.AsyncClient, task: dict[str, Any], text: str = BETTER, **more: Any
) -> httpx.Response:
    body = {"attempt_id": str(uuid4()), "text": text, "elapsed_ms": 4_000, **more}
    return await client.post(f"{TASKS}/{task['id']}/complete", json=body)
