"""Limits on how often one address and one learner may ask, for HTTP and the socket's handshake alike."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.bearer import bearer_token, leave_verified
from app.api.errors import problem_response
from app.api.websocket.protocol import CloseCode
from app.middleware.security.buckets import Buckets, Charge
from app.middleware.security.callers import Identify, network_of
from app.middleware.security.rates import Rate, Spent
from app.middleware.security.route_classes import RouteClass, class_of

CODE = "rate_limited"
_DENIAL = "websocket.http.response"
"""ASGI's extension by which a handshake is answered with a status, headers and a body of our own."""


class LimitMeter(Protocol):
    """Counts what was refused."""

    def rate_limited(self, route_class: str, by: str) -> None:
        """A request of this class was refused, by the limit of its `ip` or its `user`."""
        ...


class RateLimits:
    """Answers 429 to who asks too often, and tells everybody else what is left (RateLimit, RateLimit-Policy).

    `rates` are a learner's for every class of route. One address has `per_address` times as much, for a
    school may sit behind it. A handshake is refused before it is accepted. Fields are those of
    draft-ietf-httpapi-ratelimit-headers-10.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        rates: Mapping[RouteClass, Rate],
        per_address: int,
        buckets: Buckets,
        identify: Identify,
        meter: LimitMeter,
    ) -> None:
        self._app = app
        self._rates = dict(rates)
        self._address_rates = {name: rate.times(per_address) for name, rate in rates.items()}
        self._buckets = buckets
        self._identify = identify
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it is within its limits."""
        kind = scope["type"]
        route_class = class_of(kind, scope.get("method", "GET"), scope["path"]) if kind in _LIMITED else None
        if route_class is None:
            await self._app(scope, receive, send)
            return
        charges = [Charge(f"{route_class}:ip:{network_of(scope)}", self._address_rates[route_class])]
        spent = await self._buckets.spend(charges)
        # The address comes first: whoever sends bad tokens must not have them all verified.
        if spent[0].allowed and (token := bearer_token(scope)) and (caller := await self._identify(token)):
            leave_verified(scope, token, caller)
            charges.append(Charge(f"{route_class}:user:{caller.user_id}", self._rates[route_class]))
            spent += await self._buckets.spend(charges[1:])
        fields = _fields(route_class, charges, spent)
        if not spent[-1].allowed:
            self._meter.rate_limited(route_class, _BY[len(spent) - 1])
            await _refuse(scope, receive, send, spent[-1], fields)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(fields)
            await send(message)

        await self._app(scope, receive, told if kind == "http" else send)


_LIMITED = frozenset({"http", "websocket"})
_BY = ("ip", "user")


def _fields(route_class: RouteClass, charges: Sequence[Charge], spent: Sequence[Spent]) -> dict[str, str]:
    """Return the fields: every policy, and how the one stands that will refuse first."""
    names = [f'"{route_class}-{by}"' for by in _BY]
    policies = (
        f"{name};q={charge.rate.quota};w={charge.rate.window_s}"
        for name, charge in zip(names, charges, strict=False)
    )
    name, nearest = min(zip(names, spent, strict=False), key=lambda one: (one[1].allowed, one[1].left))
    return {
        "RateLimit-Policy": ", ".join(policies),
        "RateLimit": f"{name};r={nearest.left};t={math.ceil(nearest.seconds)}",
    }


async def _refuse(
    scope: Scope, receive: Receive, send: Send, refusal: Spent, fields: Mapping[str, str]
) -> None:
    wait_s = max(1, math.ceil(refusal.seconds))
    if scope["type"] == "websocket" and _DENIAL not in scope.get("extensions", {}):
        await receive()
        await send({"type": "websocket.close", "code": int(CloseCode.LIMIT), "reason": CODE})
        return
    answer = problem_response(
        HTTPStatus.TOO_MANY_REQUESTS,
        CODE,
        f"Too many requests of this kind; ask again in {wait_s} s.",
        headers={**fields, "Retry-After": str(wait_s)},
    )
    await answer(scope, receive, send)
