"""/health and /ready"""

import httpx

from app.repositories.database import Database


async def test_ready_once_everything_is(client: httpx.AsyncClient, ready: dict[str, bool]) -> None:
    response = await client.get("/ready")
    assert response.status_code == 200
    assert response.json()["dependencies"] == {"database": True, "speech": True, "redis": True}

    ready["speech"] = False
    response = await client.get("/ready")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["status"] == "starting"
    assert response.json()["dependencies"] == {"database": True, "speech": False, "redis": True}


async def test_a_process_that_is_to_stop_is_not_ready(
    client: httpx.AsyncClient, ready: dict[str, bool]
) -> None:
    ready["stopping"] = True
    response = await client.get("/ready")
    assert response.status_code == 503
    assert response.json()["status"] == "stopping"
    assert (await client.get("/health")).status_code == 200


async def test_what_it_can_do_without_is_shown_and_not_waited_for(
    client: httpx.AsyncClient, ready: dict[str, bool]
) -> None:
    ready["redis"] = False
    response = await client.get("/ready")
    assert response.status_code == 200
    assert response.json()["dependencies"] == {"database": True, "speech": True, "redis": False}
    assert response.json()["needed"] == ["database", "speech"]
    assert response.json()["notes"] == {"redis": "changes are found by looking in the database"}


async def test_health_answers_while_the_database_is_away(
    client: httpx.AsyncClient, database: Database
) -> None:
    await database.close()
    health = await client.get("/health")
    assert health.status_code == 200
    assert health.json()["dependencies"]["database"] is False
    assert (await client.get("/ready")).status_code == 503
