"""Whether the process lives and whether it is ready for learners: /health and /ready."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Response, status

from app.api.dependency_state import DependencyState
from app.api.deps import Parts, RestParts
from app.api.models import Health

CHECK_TIMEOUT_S = 3.0

router = APIRouter(tags=["health"])
_began = time.monotonic()


@router.get("/health")
async def health(parts: Parts) -> Health:
    """Return the state of the process and what it depends on; always 200 while the process can answer."""
    return await _state(parts)


@router.get(
    "/ready",
    responses={503: {"model": Health, "description": "Not ready: keep traffic away and ask again."}},
)
async def ready(parts: Parts, response: Response) -> Health:
    """Return 200 while everything a learner needs is ready, 503 before, and once the process is to stop."""
    state = await _state(parts)
    if state.status != "ok":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "1"
    return state


async def _state(parts: RestParts) -> Health:
    async with asyncio.TaskGroup() as group:
        needed = {name: group.create_task(_needed(ready)) for name, ready in parts.readiness.items()}
        helpful = {name: group.create_task(_in_time(state)) for name, state in parts.helpful.items()}
    states = {name: task.result() for name, task in (needed | helpful).items()}
    all_there = all(states[name].works for name in needed)
    return Health(
        status="stopping" if parts.stopping() else "ok" if all_there else "starting",
        dependencies={name: state.works for name, state in states.items()},
        needed=sorted(needed),
        notes={name: state.note for name, state in states.items() if state.note},
        asleep=sorted(parts.asleep()),
        uptime_s=round(time.monotonic() - _began, 3),
    )


async def _needed(ready: Callable[[], Awaitable[bool]]) -> DependencyState:
    async def state() -> DependencyState:
        return DependencyState(await ready())

    return await _in_time(state)


async def _in_time(check: Callable[[], Awaitable[DependencyState]]) -> DependencyState:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return DependencyState(False, f"no answer within {CHECK_TIMEOUT_S:.0f} s")
