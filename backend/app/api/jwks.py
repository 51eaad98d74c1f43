"""Public signing keys as their issuer publishes them (RFC 7517), fetched when needed and kept."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

import jwt
import structlog

from app.api.auth import KeysUnavailable, TokenInvalid

_log = structlog.get_logger(__name__)


class PublishedKeys:
    """The keys at `url`, for tokens of one algorithm.

    A key that is not known yet causes a fetch, but not within `cooldown_s` of the last successful one: tokens
    that name invented keys cannot make us flood the issuer. After `lifespan_s` the keys are fetched afresh,
    so a withdrawn key stops counting; while the issuer is away the keys we have still do.
    """

    def __init__(
        self,
        url: str,
        algorithm: Literal["ES256", "RS256"],
        *,
        lifespan_s: float = 300.0,
        cooldown_s: float = 30.0,
        retry_s: float = 2.0,
        timeout_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=timeout_s)
        self._algorithm = algorithm
        self._lifespan_s = lifespan_s
        self._cooldown_s = cooldown_s
        self._retry_s = retry_s
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetching = asyncio.Lock()
        self._stale_at = float("-inf")
        self._next_fetch_at = float("-inf")

    @property
    def algorithm(self) -> str:
        """The one algorithm that is accepted."""
        return self._algorithm

    async def key(self, kid: str | None) -> jwt.PyJWK:
        """Return the key named `kid`. Raises TokenInvalid; KeysUnavailable when there are no keys at all."""
        if kid is None:
            raise TokenInvalid("The token names no key.")
        known = self._keys.get(kid)
        if known is not None and (self._clock() < self._stale_at or self._fetching.locked()):
            return known
        async with self._fetching:
            if kid not in self._keys or self._clock() >= self._stale_at:
                await self._refresh()
        if found := self._keys.get(kid):
            return found
        if not self._keys:
            raise KeysUnavailable("The sign-in service's keys cannot be fetched.")
        raise TokenInvalid("The token is signed by a key that is not published.")

    async def _refresh(self) -> None:
        if self._clock() < self._next_fetch_at:
            return
        try:
            published = await asyncio.to_thread(self._client.get_jwk_set)
        except (jwt.PyJWTError, ValueError, OSError) as failure:
            _log.warning("auth.keys_not_fetched", url=self._client.uri, error=str(failure))
            self._next_fetch_at = self._clock() + self._retry_s
            return
        self._keys = {
            key.key_id: key
            for key in published.keys
            if key.key_id and key.algorithm_name == self._algorithm and key.public_key_use in {"sig", None}
        }
        self._stale_at = self._clock() + self._lifespan_s
        self._next_fetch_at = self._clock() + self._cooldown_s
