"""The REST half of the client: tokens, sessions, analyses."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import httpx

from client.clock import Clock, SystemClock
from client.errors import ServerUnreachable, SessionRefused, TimedOut

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

    def __init__(self, base_url: str, *, token: str | None = None, clock: Clock | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._clock = clock or SystemClock()
        self._http = httpx.AsyncClient(
            base_url=self.base_url, timeout=REQUEST_TIMEOUT_S, trust_env=not is_loopback(self.base_url)
        )

    @property
    def token(self) -> str:
        """The access token in use. Raises SessionRefused `no_token` before there is one."""
        if self._token is None:
            raise SessionRefused("no_token", "Give a token, or sign in first.")
        return self._token

    async def aclose(self) -> None:
        """Close the HTTP connections."""
        await self._http.aclose()

    async def sign_in(self, user: str) -> str:
        """Take a development token for `user`; the same name is the same user. Only a dev server has this."""
        body = await self._call("POST", "/api/v1/dev/token", json={"user": user}, authorised=False)
        self._token = str(body["access_token"])
        return self._token

    async def me(self) -> dict[str, Any]:
        """Return the signed-in user."""
        return await self._call("GET", "/api/v1/users/me")

    async def create_session(self, mode: str, *, clock: str | None = None) -> dict[str, Any]:
        """Create a session of `mode` and return it; `clock` may ask for the shortened one."""
        wanted = {"mode": mode} if clock is None else {"mode": mode, "clock": clock}
        return await self._call("POST", "/api/v1/sessions", json=wanted)

    async def session(self, session_id: str) -> dict[str, Any]:
        """Return a session with its turns."""
        return await self._call("GET", f"/api/v1/sessions/{session_id}")

    async def analysis(self, session_id: str) -> dict[str, Any]:
        """Return the analysis of a session in its present state."""
        return await self._call("GET", f"/api/v1/analysis/sessions/{session_id}")

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

    async def _call(
        self, method: str, path: str, *, json: dict[str, Any] | None = None, authorised: bool = True
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if authorised else {}
        try:
            response = await self._http.request(method, path, json=json, headers=headers)
        except httpx.TransportError as unreachable:
            raise ServerUnreachable(f"No answer from {self.base_url}: {unreachable}") from unreachable
        if response.is_success:
            body: dict[str, Any] = response.json()
            return body
        raise refusal(response.status_code, response.content)


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
