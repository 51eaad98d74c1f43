"""Where the request under way comes from, for the audit log: as much of the address as says the network."""

from contextvars import ContextVar
from ipaddress import ip_address, ip_network

from starlette.types import Scope

IPV4_BITS = 24
IPV6_BITS = 48

_ORIGIN: ContextVar[str | None] = ContextVar("origin", default=None)


def bind_origin(scope: Scope) -> None:
    """Take the client of an ASGI scope as the origin from here on; it is the one behind trusted proxies."""
    client = scope.get("client")
    _ORIGIN.set(network_of(client[0]) if client else None)


def origin() -> str | None:
    """Return the network of the request under way; None for what no request caused."""
    return _ORIGIN.get()


def network_of(address: str) -> str | None:
    """Return the network of an address without the part that names a household: IPv4 /24, IPv6 /48.

    None for what is no address, such as a socket's path.
    """
    try:
        host = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(host, "ipv4_mapped", None)
    host = mapped or host
    return str(ip_network((host, IPV4_BITS if host.version == 4 else IPV6_BITS), strict=False))
