"""/metrics: the numbers of all processes, and those of the queue, in Prometheus' text format."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.middleware.monitoring.metrics import PrometheusMeter
from app.services.errors import StorageUnavailable
from app.services.job_backlog import Backlog, BacklogSource

BACKLOG_WAIT_S = 1.0
"""How long a scrape waits for the database; without it the numbers of jobs are missing."""


def metrics_router(meter: PrometheusMeter, jobs: BacklogSource) -> APIRouter:
    """Return the route that serves the numbers of `meter` and of the queue."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        numbers = exposition(meter)
        with suppress(StorageUnavailable, TimeoutError):
            async with asyncio.timeout(BACKLOG_WAIT_S):
                numbers += queue_exposition(await jobs.backlog())
        return Response(numbers, media_type=CONTENT_TYPE_LATEST)

    return router


def exposition(meter: PrometheusMeter) -> bytes:
    """Return what this process has counted, or all processes together where a supervisor runs them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(meter.registry)
    shared = CollectorRegistry()
    multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # untyped library
    return generate_latest(shared)


def queue_exposition(backlog: Backlog) -> bytes:
    """Return how far the workers are behind."""
    registry = CollectorRegistry()
    registry.register(_Queue(backlog))
    return generate_latest(registry)


class _Queue(Collector):
    """The queue's numbers for one answer; an ordinary gauge would be kept among the processes' own."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog

    def collect(self) -> Iterator[Metric]:
        due = GaugeMetricFamily("speakmate_jobs_due", "Jobs that wait.", labels=["kind"])
        oldest = GaugeMetricFamily(
            "speakmate_jobs_oldest_due_seconds", "How long the oldest waits.", labels=["kind"]
        )
        running = GaugeMetricFamily("speakmate_jobs_running", "Jobs in hand.", labels=["kind"])
        for each in self._backlog.kinds:
            due.add_metric([each.kind], each.due)
            oldest.add_metric([each.kind], each.oldest_due_s)
            running.add_metric([each.kind], each.running)
        yield from (due, oldest, running)
