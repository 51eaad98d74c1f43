"""Opening the socket, reading its events, and what its end means."""

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from app.api.websocket.codec import decode_server_event
from app.api.websocket.protocol import CloseCode, ServerMessage
from client.errors import ClientError, ConnectionLost, ServerUnreachable, SessionRefused
from client.rest import is_loopback, refusal

CONNECT_TIMEOUT_S = 10.0
MAX_MESSAGE_BYTES = 1024 * 1024
PING_S = 10.0
"""A server that vanished without a word is noticed within twice this."""

_REFUSALS = frozenset(
    {
        CloseCode.PROTOCOL,
        CloseCode.AUTH,
        CloseCode.NOT_OWNER,
        CloseCode.UNKNOWN_SESSION,
        CloseCode.SUPERSEDED,
        CloseCode.EXPIRED,
        CloseCode.TOO_BIG,
        CloseCode.LIMIT,
    }
)


async def open_socket(base_url: str, session_id: str, shown: str, *, client: str) -> ClientConnection:
    """Connect to /ws/{session_id} of the server whose HTTP address is `base_url`, as the client of this name.

    `shown` is an access token, or a ticket for the session.

    Raises SessionRefused with the server's own code, or ServerUnreachable.
    """
    address = f"ws{base_url.removeprefix('http')}/ws/{session_id}?client={client}"
    try:
        return await connect(
            address,
            additional_headers={"Authorization": f"Bearer {shown}"},
            compression=None,
            proxy=None if is_loopback(base_url) else True,
            open_timeout=CONNECT_TIMEOUT_S,
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=PING_S,
            ping_timeout=PING_S,
        )
    except InvalidStatus as refused:
        raise refusal(refused.response.status_code, bytes(refused.response.body)) from refused
    except (OSError, InvalidHandshake, TimeoutError) as failed:
        raise ServerUnreachable(f"No socket at {address}: {failed}") from failed


def decode_known(text: str) -> ServerMessage | None:
    """Decode an event; None for a type this client does not know, which a newer server may send.

    Raises msgspec.DecodeError for anything else that is not an event.
    """
    try:
        return decode_server_event(text)
    except msgspec.ValidationError as invalid:
        if "$.type" in str(invalid):
            return None
        raise


def loss(closed: ConnectionClosed) -> ConnectionLost:
    """A closed connection as the error a caller gets who still wanted it."""
    code = closed.rcvd.code if closed.rcvd else None
    reason = closed.rcvd.reason if closed.rcvd else ""
    what = f"The connection closed ({code or 'no close frame'}) {reason}".rstrip()
    return ConnectionLost(what, close_code=code)


def failure_of(closed: ConnectionClosed) -> ClientError | None:
    """What a close means for the client: nothing, a refusal, or a lost connection it may repair."""
    if closed.rcvd is None:
        closed_by_us = closed.sent is not None and closed.sent.code == CloseCode.ENDED
        return None if closed_by_us else loss(closed)
    code = closed.rcvd.code
    if code == CloseCode.ENDED:
        return None
    if code in _REFUSALS:
        name = CloseCode(code).name.lower()
        return SessionRefused(name, closed.rcvd.reason or f"The server closed with {code}.")
    return loss(closed)
