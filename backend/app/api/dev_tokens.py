"""Sign-in for development: a name is enough, and the token is a real one."""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid5

import jwt

from app.api.auth import ROLE

_NAMESPACE = UUID("8b0c7f7e-9a55-5f0e-8d0e-6d5f3c1b2a47")


class DevelopmentUsers(Protocol):
    """Where development users are made."""

    async def add_development_user(self, user_id: UUID, email: str) -> None:
        """Make the user unless there is one."""
        ...


@dataclass(frozen=True, slots=True)
class DevelopmentToken:
    """A signed access token and its life in seconds."""

    access_token: str
    expires_in: int


class DevelopmentSignIn:
    """Signs tokens with the local key. The same name, whatever its case, is the same user."""

    def __init__(
        self,
        users: DevelopmentUsers,
        *,
        secret: str,
        issuer: str,
        audience: str = "authenticated",
        life_s: int = 12 * 3_600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._users = users
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        self._life_s = life_s
        self._clock = clock

    async def sign_in(self, name: str) -> DevelopmentToken:
        """Make the user of that name unless there is one, and return a token for them."""
        folded = unicodedata.normalize("NFKC", name).strip().casefold()
        user_id = uuid5(_NAMESPACE, folded)
        email = f"{folded}@development.invalid"
        await self._users.add_development_user(user_id, email)
        now = int(self._clock())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "role": ROLE,
            "sub": str(user_id),
            "email": email,
            "iat": now,
            "exp": now + self._life_s,
        }
        return DevelopmentToken(jwt.encode(claims, self._secret, algorithm="HS256"), self._life_s)
