"""/api/v1/training/export and /import"""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.api.conftest import problem
from tests.fakes.training_cards import MakeCards, answer, first_task, mistake


async def test_what_is_exported_can_be_imported(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, alice: UUID, trained: MakeCards
) -> None:
    await trained(alice, [mistake("R-1"), mistake("R-2")])
    await answer(as_alice, await first_task(as_alice))
    exported = await as_alice.get("/api/v1/training/export")
    assert len(exported.json()["cards"]) == 2
    first = await as_bob.post("/api/v1/training/import", json=exported.json())
    assert first.json() == {"cards": 2, "reviews": 1}
    again = await as_bob.post("/api/v1/training/import", json=exported.json())
    assert again.json() == {"cards": 0, "reviews": 0}
    assert (await as_bob.get("/api/v1/training/export")).json() == exported.json()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"cards": [{"target": "R\x00"}]},
        {"cards": [{"reviews": [{"day": "9999-12-31"}]}]},
        {"cards": [{"reviews": [{"correct": 2}]}]},
        {"cards": [{"reviews": [{"grade": 9}]}]},
        {"extra": 1},
    ],
)
async def test_an_import_that_does_not_fit_adds_nothing(
    as_alice: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    review = {"id": str(uuid4()), "drill": "gap", "day": "2026-01-01", "grade": 3, "required": 1}
    card: dict[str, Any] = {
        "target": "R",
        "kind": "rule",
        "criterion": "pronunciation",
        "title": "t",
        "explanation": "e",
        "reviews": [review],
    }
    good = {"version": 1, "cards": [card]}
    for changed in change.get("cards", []):
        for late in changed.pop("reviews", []):
            card["reviews"] = [{**review, **late}]
        card |= changed
    broken = good | {k: v for k, v in change.items() if k != "cards"}
    response = await as_alice.post("/api/v1/training/import", json=broken)
    assert (response.status_code, problem(response)["code"]) == (422, "request_invalid")
    assert (await as_alice.get("/api/v1/training/export")).json()["cards"] == []
