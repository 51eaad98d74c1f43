"""Whose token it is, and whose it is not."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.api.auth import KeysUnavailable, SharedSecret, TokenExpired, TokenInvalid, TokenVerifier
from app.api.jwks import PublishedKeys
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from tests.api.conftest import ISSUER, SECRET, problem, token_for

USER = uuid4()


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(SharedSecret(SECRET), issuer=ISSUER)


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


async def test_a_good_token_names_its_user(verifier: TokenVerifier) -> None:
    exp = int(time.time()) + 60
    principal = await verifier.verify(token_for(USER, exp=exp, email="a@example.test"))
    assert principal.user_id == USER
    assert principal.expires_at == datetime.fromtimestamp(exp, UTC)
    assert principal.email == "a@example.test"


async def test_clocks_may_differ_by_ten_seconds(verifier: TokenVerifier) -> None:
    now = int(time.time())
    assert (await verifier.verify(token_for(USER, exp=now - 5))).user_id == USER
    assert (await verifier.verify(token_for(USER, nbf=now + 5))).user_id == USER
    with pytest.raises(TokenExpired):
        await verifier.verify(token_for(USER, exp=now - 15))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "anon"},
        {"aud": None},
        {"iss": "somebody else"},
        {"iss": None},
        {"role": "service_role"},
        {"role": "anon"},
        {"role": None},
        {"sub": "alice"},
        {"sub": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**18},
        {"nbf": 4_102_444_800},
    ],
)
async def test_claims_that_are_not_for_us(verifier: TokenVerifier, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify(token_for(USER, **changes))


async def test_forged_tokens(verifier: TokenVerifier) -> None:
    good = token_for(USER)
    claims = jwt.decode(good, options={"verify_signature": False})
    header, body, signature = good.split(".")
    for forged in (
        jwt.encode(claims, "another secret that is long enough too", algorithm="HS256"),
        jwt.encode(claims, SECRET * 2, algorithm="HS512"),
        jwt.encode(claims, rsa.generate_private_key(65_537, 2_048), algorithm="RS256"),
        unsigned(claims, {"alg": "none", "typ": "JWT"}),
        unsigned(claims, {"alg": "HS256", "typ": "JWT"}),
        f"{header}.{body[:-2]}AA.{signature}",
        f"{header}.{body}.",
        f"{header}.{body}",
        "",
        "....",
        "not a token",
        "\x00",
        "ü" * 100,
        good + "A" * 10_000,
    ):
        with pytest.raises(TokenInvalid):
            await verifier.verify(forged)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SharedSecret("short")


# --- over HTTP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Basic YTpi"}, "token_missing"),
        ({"Authorization": "Bearer"}, "token_missing"),
        ({"Authorization": "Bearer nonsense"}, "token_invalid"),
        ({"Authorization": f"Bearer {token_for(USER, exp=1)}"}, "token_expired"),
    ],
)
async def test_without_a_good_token_nothing_opens(
    client: httpx.AsyncClient, headers: dict[str, str], code: str
) -> None:
    challenge = "Bearer" if code == "token_missing" else 'Bearer error="invalid_token"'
    for method, address in [
        ("GET", "/api/v1/users/me"),
        ("PATCH", "/api/v1/users/me"),
        ("DELETE", "/api/v1/users/me"),
        ("GET", "/api/v1/sessions"),
        ("POST", "/api/v1/sessions"),
        ("GET", f"/api/v1/sessions/{USER}"),
        ("GET", f"/api/v1/sessions/{USER}/audio"),
        ("GET", f"/api/v1/analysis/sessions/{USER}"),
    ]:
        response = await client.request(method, address, headers=headers)
        assert response.status_code == 401, (method, address)
        assert problem(response)["code"] == code
        assert response.headers["www-authenticate"] == challenge


async def test_a_token_of_nobody(client: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {token_for(uuid4())}"}
    response = await client.get("/api/v1/users/me", headers=headers)
    assert (response.status_code, problem(response)["code"]) == (401, "user_unknown")


async def test_an_erased_accounts_token_is_refused_everywhere_at_once(
    as_alice: httpx.AsyncClient, alice: UUID, database: Database
) -> None:
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    await PostgresErasure(database).erase(alice)  # as another process does
    for method, address in [
        ("GET", "/api/v1/users/me"),
        ("PATCH", "/api/v1/users/me"),
        ("GET", "/api/v1/sessions"),
        ("POST", "/api/v1/sessions"),
        ("GET", f"/api/v1/sessions/{created['id']}"),
        ("GET", f"/api/v1/sessions/{created['id']}/audio"),
        ("POST", f"/api/v1/sessions/{created['id']}/ticket"),
        ("GET", f"/api/v1/analysis/sessions/{created['id']}"),
        ("POST", f"/api/v1/analysis/sessions/{created['id']}/pdf"),
        ("GET", "/api/v1/training/tasks"),
    ]:
        response = await as_alice.request(method, address, json={"mode": "quick"})
        assert (response.status_code, problem(response)["code"]) == (401, "user_unknown"), address


# --- published keys -------------------------------------------------------------------------------------


class Issuer:
    """A real HTTP server that publishes keys, and signs with them."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.requests = 0
        self.answer: bytes | None = None
        self.status = 200
        self._private: dict[str, tuple[Any, str]] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests += 1
                body = issuer.answer or json.dumps({"keys": issuer.published}).encode()
                self.send_response(issuer.status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/auth/v1/.well-known/jwks.json"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, kid: str, algorithm: str = "ES256", *, publish: bool = True) -> None:
        if algorithm == "ES256":
            key: Any = ec.generate_private_key(ec.SECP256R1())
            public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        else:
            key = rsa.generate_private_key(65_537, 2_048)
            public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        self._private[kid] = (key, algorithm)
        if publish:
            self.published.append({**public, "kid": kid, "use": "sig", "alg": algorithm})

    def publish_secret(self, kid: str, secret: str) -> None:
        encoded = base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()
        self.published.append({"kty": "oct", "k": encoded, "kid": kid, "alg": "HS256"})

    def public_pem(self, kid: str) -> bytes:
        key, _ = self._private[kid]
        return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, kid: str | None, key: str | None = None) -> str:
        claims = jwt.decode(token_for(USER), options={"verify_signature": False})
        private, algorithm = self._private[key or kid or ""]
        return jwt.encode(claims, private, algorithm=algorithm, headers={"kid": kid} if kid else None)


class Moment:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def published(issuer: Issuer, moment: Moment) -> TokenVerifier:
    return TokenVerifier(PublishedKeys(issuer.url, "ES256", clock=moment), issuer=ISSUER)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_published_keys_verify(issuer: Issuer, moment: Moment, algorithm: Any) -> None:
    issuer.add("one", algorithm)
    verifier = TokenVerifier(PublishedKeys(issuer.url, algorithm, clock=moment), issuer=ISSUER)
    async with asyncio.TaskGroup() as group:
        checks = [group.create_task(verifier.verify(issuer.sign("one"))) for _ in range(10)]
    assert {check.result().user_id for check in checks} == {USER}
    assert issuer.requests == 1


async def test_a_new_key_is_found_after_the_cooldown(
    issuer: Issuer, published: TokenVerifier, moment: Moment
) -> None:
    issuer.add("old")
    await published.verify(issuer.sign("old"))
    issuer.add("new")

    moment.now += 29
    for _ in range(5):
        with pytest.raises(TokenInvalid):
            await published.verify(issuer.sign("new"))
    assert issuer.requests == 1
    moment.now += 2
    assert (await published.verify(issuer.sign("new"))).user_id == USER
    assert (await published.verify(issuer.sign("old"))).user_id == USER
    assert issuer.requests == 2


async def test_a_withdrawn_key_stops_counting(
    issuer: Issuer, published: TokenVerifier, moment: Moment
) -> None:
    issuer.add("leaked")
    issuer.add("kept")
    await published.verify(issuer.sign("leaked"))
    del issuer.published[0]
    moment.now += 301
    with pytest.raises(TokenInvalid):
        await published.verify(issuer.sign("leaked"))
    assert (await published.verify(issuer.sign("kept"))).user_id == USER


async def test_known_keys_outlive_an_outage_of_their_issuer(
    issuer: Issuer, published: TokenVerifier, moment: Moment
) -> None:
    issuer.add("one")
    await published.verify(issuer.sign("one"))
    issuer.status = 500
    moment.now += 1_000
    for _ in range(3):
        assert (await published.verify(issuer.sign("one"))).user_id == USER
    assert issuer.requests == 2


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, None), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": []}'), (302, b""), (200, b"\xff")],
)
async def test_without_any_keys_the_fault_is_ours(
    issuer: Issuer, published: TokenVerifier, moment: Moment, status: int, answer: bytes | None
) -> None:
    issuer.add("one")
    issuer.status, issuer.answer = status, answer
    with pytest.raises(KeysUnavailable):
        await published.verify(issuer.sign("one"))
    issuer.status, issuer.answer = 200, None
    moment.now += 3
    assert (await published.verify(issuer.sign("one"))).user_id == USER


async def test_keys_are_not_confused(issuer: Issuer, published: TokenVerifier) -> None:
    """RFC 8725, 2.1: no algorithm but the configured one, and no public key used as a secret."""
    issuer.add("es")
    issuer.add("rs", "RS256")
    issuer.add("unpublished", publish=False)
    issuer.publish_secret("hs", SECRET)
    claims = jwt.decode(token_for(USER), options={"verify_signature": False})
    public = base64.urlsafe_b64encode(issuer.public_pem("es"))
    for forged in (
        issuer.sign("rs"),
        issuer.sign("es", key="unpublished"),
        issuer.sign("unpublished"),
        issuer.sign(None, key="es"),
        jwt.encode(claims, SECRET, algorithm="HS256", headers={"kid": "hs"}),
        jwt.encode(claims, public, algorithm="HS256", headers={"kid": "es"}),
        unsigned(claims, {"alg": "none", "kid": "es"}),
    ):
        with pytest.raises(TokenInvalid):
            await published.verify(forged)
    assert (await published.verify(issuer.sign("es"))).user_id == USER
