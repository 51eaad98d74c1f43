"""Whose socket it is: the token or ticket of the handshake, or of the first message."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from app.api.auth import AuthError, KeysUnavailable, TokenVerifier
from app.api.websocket import admission
from app.api.websocket.codec import decode_event
from app.api.websocket.protocol import Authenticate, CloseCode, ProtocolError
from app.api.websocket.socket import Socket
from app.services.accounts import UnknownUser
from app.services.errors import StorageUnavailable
from app.services.socket_tickets import PREFIX

_HARMLESS = frozenset({"token_expired", "auth_unavailable", "storage_unavailable"})

Redeem = Callable[[str, UUID], Awaitable[UUID | None]]
"""Takes a ticket for a session and says whose it was, or None. Raises StorageUnavailable."""
Admit = Callable[[UUID], Awaitable[object]]
"""Raises UnknownUser for an account that was erased, and StorageUnavailable."""


async def no_tickets(ticket: str, session_id: UUID) -> UUID | None:
    """Honour no ticket."""
    return None


async def everybody(user_id: UUID) -> None:
    """Let in whoever has a good token."""


class Authenticator:
    """Verifies tokens and tickets; its errors are the socket's.

    `first_message_ms` is how long a client may take; `redeem` honours tickets, and `admit` knows whose
    account there still is.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        first_message_ms: int,
        redeem: Redeem = no_tickets,
        admit: Admit = everybody,
    ) -> None:
        self._verifier = verifier
        self._first_message_ms = first_message_ms
        self._redeem = redeem
        self._admit = admit

    async def authenticate(self, socket: Socket, token: str | None, session_id: str) -> UUID:
        """Return the user of `token`, or of the `auth` event that must come first when there is none.

        It may be a ticket for the session. Raises ProtocolError (fatal, 4401; 4503 while the keys or the
        accounts cannot be read) and SocketClosed.
        """
        shown = token if token is not None else await self._first_message(socket)
        if not shown.startswith(PREFIX):
            return await self._user_of(shown)
        try:
            user_id = await self._redeem(shown, UUID(session_id))
        except ValueError:
            user_id = None
        except StorageUnavailable as unavailable:
            raise admission.storage_unavailable() from unavailable
        if user_id is None:
            raise _refused(
                "ticket_invalid",
                "The ticket is not for this session, was used before, or is older than a minute; ask for "
                "another with POST /api/v1/sessions/{id}/ticket.",
            )
        return user_id

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
            principal = await self._verifier.verify(token)
            await self._admit(principal.user_id)
        except UnknownUser as erased:
            raise admission.account_erased() from erased
        except StorageUnavailable as unavailable:
            raise admission.storage_unavailable() from unavailable
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
        else:
            return principal.user_id


def _refused(code: str, message: str) -> ProtocolError:
    return ProtocolError(code, message, fatal=True, close=CloseCode.AUTH, blame="auth")
