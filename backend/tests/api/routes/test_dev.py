"""Sign-in for development."""

import httpx
import pytest

from tests.api.conftest import problem

TOKEN = "/api/v1/dev/token"


async def me(client: httpx.AsyncClient, name: str) -> str:
    response = await client.post(TOKEN, json={"user": name})
    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 43_200)
    profile = await client.get(
        "/api/v1/users/me", headers={"Authorization": f"Bearer {body['access_token']}"}
    )
    assert profile.status_code == 200
    return str(profile.json()["id"])


async def test_the_same_name_is_the_same_user(client: httpx.AsyncClient) -> None:
    alice = await me(client, "alice")
    assert await me(client, "Alice") == alice
    assert await me(client, "alice@example.test") != alice
    assert await me(client, "bob") != alice


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "two words", "a\nb", "né", "a\x00", "'; drop table users; --", None, 7]
)
async def test_a_name_must_be_plain(client: httpx.AsyncClient, name: object) -> None:
    response = await client.post(TOKEN, json={"user": name})
    assert response.status_code == 422
    assert problem(response)["errors"][0]["location"] == "body.user"
