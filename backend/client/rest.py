"""The REST half of the client: tokens, sessions, analyses, reports."""

import ipaddress
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from client.clock import Clock, SystemClock
from client.errors import ServerUnreachable, SessionRefused, TimedOut
from client.tokens import Tokens

REQUEST_TIMEOUT_S = 30.0
POLL_S = 0.2


def is_loopback(url: str) -> bool:
    """Return whether the address is this machine, where no proxy may stand between."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class RestApi:
    """Thin calls of /api/v1. Every method raises ServerUnreachable or SessionRefused."""

    def __init__(self, base_url: str, *, tokens: Tokens | None = None, clock: Clock | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.tokens = tokens or Tokens()
        self._clock = clock or SystemClock()
        self._http = httpx.AsyncClient(
            base_url=self.base_url, timeout=REQUEST_TIMEOUT_S, trust_env=not is_loopback(self.base_url)
        )

    async def aclose(self) -> None:
        """Close the HTTP connections."""
        await self._http.aclose()

    async def sign_in(self, user: str) -> str:
        """Take a development token for `user`; the same name is the same user. Only a dev server has this."""
        token = await self._development_token(user)
        self.tokens.use(token, partial(self._development_token, user))
        return token

    async def me(self) -> dict[str, Any]:
        """Return the signed-in user."""
        return await self._call("GET", "/api/v1/users/me")

    async def create_session(
        self, mode: str, *, clock: str | None = None, part: int | None = None, topic: str | None = None
    ) -> dict[str, Any]:
        """Create a session of `mode` and return it; `clock` may ask for the shortened one.

        `part` and `topic` are for `practice`, which needs at least one of them.
        """
        wanted = {"mode": mode, "clock": clock, "part": part, "topic": topic}
        given = {name: value for name, value in wanted.items() if value is not None}
        return await self._call("POST", "/api/v1/sessions", json=given)

    async def session(self, session_id: str) -> dict[str, Any]:
        """Return a session with its turns."""
        return await self._call("GET", f"/api/v1/sessions/{session_id}")

    async def analysis(self, session_id: str) -> dict[str, Any]:
        """Return the analysis of a session in its present state."""
        return await self._call("GET", f"/api/v1/analysis/sessions/{session_id}")

    async def ask_for_report(self, session_id: str) -> dict[str, Any]:
        """Have the session's report made, or see how far it is."""
        return await self._call("POST", f"/api/v1/analysis/sessions/{session_id}/pdf")

    async def report(self, session_id: str) -> bytes:
        """Return the session's report, a PDF."""
        return (await self._answer("GET", f"/api/v1/analysis/sessions/{session_id}/pdf")).content

    async def wait_until_ready(self, timeout_s: float) -> None:
        """Return when the server answers /ready with success. Raises TimedOut with its last word."""
        until = self._clock.now() + timeout_s
        last = "no answer"
        while self._clock.now() < until:
            try:
                answer = await self._http.get("/ready")
            except httpx.TransportError as unreachable:
                last = str(unreachable) or type(unreachable).__name__
            else:
                if answer.is_success:
                    return
                last = f"HTTP {answer.status_code} {answer.text[:200]}"
            await self._clock.sleep_until(self._clock.now() + POLL_S)
        raise TimedOut(f"The server was not ready within {timeout_s:.0f} s: {last}")

    async def ticket(self, session_id: str) -> str:
        """Return a ticket that opens the session's socket once, within a minute."""
        answer = await self._call("POST", f"/api/v1/sessions/{session_id}/ticket")
        return str(answer["ticket"])

    async def _development_token(self, user: str) -> str:
        response = await self._request("POST", "/api/v1/dev/token", {"user": user}, {})
        if not response.is_success:
            raise refusal(response.status_code, response.content)
        return str(response.json()["access_token"])

    async def _call(self, method: str, path: str, *, json: dict[str, Any] | None = None) -> dict[str, Any]:
        body: dict[str, Any] = (await self._answer(method, path, json=json)).json()
        return body

    async def _answer(self, method: str, path: str, *, json: dict[str, Any] | None = None) -> httpx.Response:
        """Call as the user; a token that has expired is replaced once."""
        response = await self._request(method, path, json, self._authorisation())
        if response.status_code == HTTPStatus.UNAUTHORIZED and await self.tokens.renew():
            response = await self._request(method, path, json, self._authorisation())
        if response.is_success:
            return response
        raise refusal(response.status_code, response.content)

    def _authorisation(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.token}"}

    async def _request(
        self, method: str, path: str, json: dict[str, Any] | None, headers: dict[str, str]
    ) -> httpx.Response:
        try:
            return await self._http.request(method, path, json=json, headers=headers)
        except httpx.TransportError as unreachable:
            raise ServerUnreachable(f"No answer from {self.base_url}: {unreachable}") from unreachable


def refusal(status: int, body: bytes) -> SessionRefused:
    """Read a problem document (RFC 9457); anything else becomes `http_<status>`."""
    code, message = f"http_{status}", f"The server answered {status}."
    try:
        problem = httpx.Response(status, content=body).json()
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        code = str(problem.get("code") or code)
        message = str(problem.get("detail") or problem.get("title") or message)
    return SessionRefused(code, message, retryable=status in {429, 503})
