"""Under which name a caller is counted: the network address, and the learner once the token is verified."""

from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

from app.api.auth import AuthError, KeysUnavailable, Principal, TokenVerifier

IPV6_PREFIX = 64
"""A household or a phone has a whole /64 to itself, and may use a new address of it for every request."""

Identify = Callable[[str], Awaitable[Principal | None]]
"""Whom a token speaks for; None for one that is not good."""


def network_of(scope: Scope) -> str:
    """Return the address of the client, of IPv6 its /64; `unknown` for a local socket, which has none."""
    client = scope.get("client")
    try:
        address = ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> IPV6_PREFIX << IPV6_PREFIX))


def identified_by(verifier: TokenVerifier) -> Identify:
    """Return what tells whom a token speaks for, as far as that can be told now."""

    async def identify(token: str) -> Principal | None:
        try:
            return await verifier.verify(token)
        except (AuthError, KeysUnavailable):
            return None

    return identify
