"""Whose socket it is: the token of the handshake, or of the first message."""

import asyncio
from uuid import UUID

from app.api.auth import AuthError, KeysUnavailable, TokenVerifier
from app.api.websocket.codec import decode_event
from app.api.websocket.protocol import Authenticate, CloseCode, ProtocolError
from app.api.websocket.socket import Socket

_HARMLESS = frozenset({"token_expired", "auth_unavailable"})


class Authenticator:
    """Verifies tokens; its errors are the socket's. `first_message_ms` is how long a client may take."""

    def __init__(self, verifier: TokenVerifier, *, first_message_ms: int) -> None:
        self._verifier = verifier
        self._first_message_ms = first_message_ms

    async def authenticate(self, socket: Socket, token: str | None) -> UUID:
        """Return the user of `token`, or of the `auth` event that must come first when there is none.

        Raises ProtocolError (fatal, 4401; 4503 while the keys cannot be fetched) and SocketClosed.
        """
        return await self._user_of(token if token is not None else await self._first_message(socket))

    async def refresh(self, token: str, user_id: UUID) -> None:
        """Check a newer token of the same user.

        Raises ProtocolError: fatal for a token that is none or somebody else's, and not for one that has
        expired or cannot be checked now. Who was let in stays in: an exam is never cut for want of a token.
        """
        try:
            refreshed_for = await self._user_of(token)
        except ProtocolError as refused:
            refused.fatal = refused.code not in _HARMLESS
            raise
        if refreshed_for != user_id:
            raise _refused("token_invalid", "The new token is somebody else's.")

    async def _first_message(self, socket: Socket) -> str:
        try:
            async with asyncio.timeout(self._first_message_ms / 1000):
                message = await socket.receive()
        except TimeoutError:
            message = b""
        if isinstance(message, str):
            event = decode_event(message)
            if isinstance(event, Authenticate):
                return event.token
        raise _refused(
            "token_missing",
            "Send the token in the Authorization header, as the subprotocol after `bearer`, or in an `auth` "
            f"event within {self._first_message_ms // 1000} s.",
        )

    async def _user_of(self, token: str) -> UUID:
        try:
            return (await self._verifier.verify(token)).user_id
        except AuthError as refused:
            raise _refused(refused.code, str(refused)) from refused
        except KeysUnavailable as unavailable:
            raise ProtocolError(
                "auth_unavailable",
                f"{unavailable} Try again in a moment.",
                fatal=True,
                close=CloseCode.UNAVAILABLE,
                blame="upstream",
                retry_after_ms=2_000,
            ) from unavailable


def _refused(code: str, message: str) -> ProtocolError:
    return ProtocolError(code, message, fatal=True, close=CloseCode.AUTH, blame="auth")
