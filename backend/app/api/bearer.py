"""Where a request or a handshake carries its token or its ticket, and whom the edge found it to be."""

from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope

from app.api.auth import Principal
from app.services.socket_tickets import PREFIX

SUBPROTOCOL = "bearer"
"""A browser cannot set a socket's headers: it offers this subprotocol, and its token as another one."""
_VERIFIED = "speakmate.verified"


def bearer_token(scope: Scope) -> str | None:
    """Return what the caller comes with; None without anything.

    That is the token of the Authorization header; on a socket also the token or ticket of the subprotocols,
    or the ticket of the address. In the address only a ticket counts: an access token would be good for
    whoever finds it in a log.
    """
    scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() == SUBPROTOCOL and credentials:
        return credentials.strip()
    if scope["type"] != "websocket":
        return None
    protocols = scope.get("subprotocols") or []
    if SUBPROTOCOL in protocols:
        return next((protocol for protocol in protocols if protocol != SUBPROTOCOL), None)
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[-1]
    return ticket if ticket.startswith(PREFIX) else None


def leave_verified(scope: Scope, token: str, principal: Principal) -> None:
    """Note in the request's scope whom a token that was just verified speaks for."""
    scope[_VERIFIED] = (token, principal)


def found_verified(scope: Scope, token: str) -> Principal | None:
    """Return whom the edge found this very token to speak for; None where it verified none, or another."""
    of_token, principal = scope.get(_VERIFIED, (None, None))
    return principal if of_token == token else None
