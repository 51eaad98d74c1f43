"""Whether the process lives and whether it is ready for learners: /health and /ready."""

import asyncio
import time

from fastapi import APIRouter, Response, status

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
    async def check(name: str) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                return await parts.readiness[name]()
        except TimeoutError:
            return False

    async with asyncio.TaskGroup() as group:
        checks = {name: group.create_task(check(name)) for name in parts.readiness}
    needed = {name: task.result() for name, task in checks.items()}
    return Health(
        status="stopping" if parts.stopping() else "ok" if all(needed.values()) else "starting",
        dependencies=needed | {name: works() for name, works in parts.helpful.items()},
        asleep=sorted(parts.asleep()),
        uptime_s=round(time.monotonic() - _began, 3),
    )
