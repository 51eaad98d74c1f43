"""A request's token between the edge and the routes."""

from dataclasses import replace
from uuid import UUID

import httpx
from fastapi import FastAPI

from app.api.auth import SharedSecret, TokenVerifier
from app.api.bearer import found_verified, leave_verified
from app.api.deps import install_parts
from tests.api.conftest import ISSUER, SECRET, problem, token_for

ME = "/api/v1/users/me"


async def test_what_the_edge_has_verified_is_not_verified_again(
    app: FastAPI, as_alice: httpx.AsyncClient, alice: UUID
) -> None:
    others = TokenVerifier(SharedSecret("of another project" * 2))
    install_parts(app, replace(app.state.rest, verifier=others))
    response = await as_alice.get(ME)
    assert (response.status_code, response.json()["id"]) == (200, str(alice))


async def test_what_the_edge_has_refused_is_refused_with_the_reason(
    client: httpx.AsyncClient, alice: UUID
) -> None:
    headers = {"Authorization": f"Bearer {token_for(alice, exp=1)}"}
    response = await client.get(ME, headers=headers)
    assert (response.status_code, problem(response)["code"]) == (401, "token_expired")


async def test_one_token_does_not_stand_for_another(alice: UUID) -> None:
    verifier = TokenVerifier(SharedSecret(SECRET), issuer=ISSUER)
    mine = token_for(alice)
    scope: dict[str, object] = {}
    assert found_verified(scope, mine) is None
    leave_verified(scope, mine, principal := await verifier.verify(mine))
    assert found_verified(scope, mine) == principal
    assert found_verified(scope, f"{mine}x") is None
