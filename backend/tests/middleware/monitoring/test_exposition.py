"""/metrics shows the queue beside what was counted, and does without it while the database is away."""

import asyncio

import httpx
from fastapi import FastAPI

from app.middleware.monitoring import PrometheusMeter, metrics_router
from app.services.errors import StorageUnavailable
from app.services.job_backlog import Backlog, KindBacklog
from app.services.job_queue import JobKind


class Jobs:
    """Implements BacklogSource: says, fails or is silent as a test wants."""

    def __init__(self, says: Backlog | Exception | None) -> None:
        self._says = says

    async def backlog(self) -> Backlog:
        if self._says is None:
            await asyncio.Event().wait()
        if isinstance(self._says, Exception):
            raise self._says
        assert self._says is not None
        return self._says


async def scraped(says: Backlog | Exception | None) -> list[str]:
    app = FastAPI()
    meter = PrometheusMeter()
    meter.session_resumed()
    app.include_router(metrics_router(meter, Jobs(says)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
        response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return response.text.splitlines()


async def test_the_queue_is_shown_by_kind() -> None:
    lines = await scraped(
        Backlog((KindBacklog(JobKind.ANALYSIS, 3, 12.5, 1), KindBacklog(JobKind.PDF, 0, 0.0, 0)))
    )
    assert {
        "speakmate_resumes_total 1.0",
        'speakmate_jobs_due{kind="analysis"} 3.0',
        'speakmate_jobs_due{kind="pdf"} 0.0',
        'speakmate_jobs_oldest_due_seconds{kind="analysis"} 12.5',
        'speakmate_jobs_running{kind="analysis"} 1.0',
    } <= set(lines)


async def test_the_rest_is_served_while_the_database_is_away_or_silent() -> None:
    for trouble in (StorageUnavailable("away"), None):
        lines = await scraped(trouble)
        assert "speakmate_resumes_total 1.0" in lines
        assert not [line for line in lines if "speakmate_jobs_due" in line]
