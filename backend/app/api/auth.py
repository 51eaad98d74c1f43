"""Access tokens: who a request or a socket speaks for.

Tokens are Supabase's: JSON Web Tokens signed with the project's secret (HS256) or its published keys (ES256,
RS256). Which of them is configuration; a token's own header never chooses.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

import jwt

LEEWAY_S = 10
MAX_TOKEN_CHARS = 8_192
ROLE = "authenticated"
MIN_SECRET_BYTES = 32


class AuthError(Exception):
    """The caller is not known. `code` is stable; the message may be shown to the caller."""

    code: ClassVar[str]


class TokenMissing(AuthError):
    """The request carries no token."""

    code = "token_missing"


class TokenExpired(AuthError):
    """The token was good once."""

    code = "token_expired"


class TokenInvalid(AuthError):
    """The token is not one of ours, or not for this."""

    code = "token_invalid"


class KeysUnavailable(Exception):
    """The keys that would verify a token cannot be fetched; trying again later may help."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a token speaks for, until `expires_at` (UTC)."""

    user_id: UUID
    expires_at: datetime
    email: str | None = None


class SigningKeys(Protocol):
    """Where the key for a token comes from."""

    @property
    def algorithm(self) -> str:
        """The one algorithm that is accepted."""
        ...

    async def key(self, kid: str | None) -> Any:
        """Return the key that PyJWT verifies with. Raises TokenInvalid and KeysUnavailable."""
        ...


class SharedSecret:
    """One HS256 secret for all tokens. Raises ValueError when it is shorter than the hash (RFC 7518, 3.2)."""

    algorithm = "HS256"

    def __init__(self, secret: str) -> None:
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"an HS256 secret needs at least {MIN_SECRET_BYTES} bytes")
        self._secret = secret

    async def key(self, kid: str | None) -> str:
        """Return the secret, whatever the token names."""
        return self._secret


class TokenVerifier:
    """Checks access tokens. `issuer` '' accepts any issuer."""

    def __init__(self, keys: SigningKeys, *, audience: str = "authenticated", issuer: str = "") -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer

    async def verify(self, token: str) -> Principal:
        """Return whom the token speaks for.

        Raises TokenExpired, TokenInvalid and KeysUnavailable.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenInvalid("The token is longer than any we issue.")
        try:
            key = await self._keys.key(jwt.get_unverified_header(token).get("kid"))
            claims = self._claims(token, key)
            return Principal(
                user_id=UUID(claims["sub"]),
                expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
                email=str(claims["email"]) if claims.get("email") else None,
            )
        except jwt.ExpiredSignatureError as expired:
            raise TokenExpired("The token has expired; sign in again or refresh it.") from expired
        except (jwt.PyJWTError, ValueError, OverflowError, OSError) as invalid:
            raise TokenInvalid("The token is not valid here; sign in again.") from invalid

    def _claims(self, token: str, key: Any) -> dict[str, Any]:
        required = ["exp", "sub", "aud", "role"] + (["iss"] if self._issuer else [])
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[self._keys.algorithm],
            audience=self._audience,
            issuer=self._issuer or None,
            leeway=LEEWAY_S,
            options={"require": required},
        )
        if claims["role"] != ROLE:
            raise TokenInvalid("The token is not a learner's.")
        return claims
