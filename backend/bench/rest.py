"""--mode bench rest: how fast the REST API answers, over HTTP, with years of training in the database.

One server process with the embedded database. `rps`, `p50_ms`, `p95_ms` and `errors` are of reads (profile,
sessions, due tasks) that come in at a steady `--rate`, whether or not earlier ones are answered. `flat_out`
is the same by several clients, each as fast as it is answered. `middleware` is what a request pays before its
route, by the clock and in core time, which other work on the machine does not lengthen. `training` is one
learner's, one request at a time: the list of what is due, and answers in writing, analysed by the product's
own analyzer. Nothing else runs in the server.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from typing import TypedDict
from uuid import UUID, uuid4

import httpx

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.modes.child import ChildFailed
from app.repositories.schema import apply_schema
from bench.parts.middleware_cost import cost_ms
from bench.parts.silent_server import silent_server
from bench.parts.training_seed import BETTER, seed, some_cards

API = "/api/v1"
READS = (f"{API}/users/me", f"{API}/sessions", f"{API}/training/tasks?limit=5")
LOG = 10
"""Reviews of each card."""

WARM_UP = 20
READ_WITHIN_MS, MIDDLEWARE_WITHIN_MS = 25.0, 1.5
DUE_WITHIN_MS, COMPLETED_WITHIN_MS = 20.0, 30.0


class Latency(TypedDict):
    """Milliseconds as a client sees them; `errors` are answers other than 200."""

    requests: int
    p50_ms: float
    p95_ms: float
    errors: int


class Training(TypedDict):
    """What was in the database, and how fast it was read and changed."""

    cards: int
    reviews: int
    due_list: Latency
    completion: Latency


class FlatOut(TypedDict):
    """Reads by `clients` at once."""

    clients: int
    requests: int
    rps: float
    p50_ms: float
    p95_ms: float
    errors: int


class Middleware(TypedDict):
    """What is around the application, without it."""

    requests: int
    p50_ms: float
    p95_ms: float
    cpu_p95_ms: float


class Report(TypedDict):
    """Reads at a steady rate, of which `rps` were answered; then the rest."""

    rate: float
    requests: int
    rps: float
    p50_ms: float
    p95_ms: float
    errors: int
    flat_out: FlatOut
    middleware: Middleware
    training: Training


@dataclass(slots=True)
class _Timings:
    """How long requests took, in ms, and how many failed."""

    taken: list[float] = field(default_factory=list)
    errors: int = 0

    async def take(self, request: Awaitable[httpx.Response]) -> httpx.Response:
        began = time.perf_counter()
        response = await request
        self.taken.append((time.perf_counter() - began) * 1000)
        self.errors += response.status_code != HTTPStatus.OK
        return response

    def share(self, share: float) -> float:
        ordered = sorted(self.taken)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    def latency(self) -> Latency:
        return Latency(
            requests=len(self.taken), p50_ms=self.share(0.5), p95_ms=self.share(0.95), errors=self.errors
        )


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if nothing failed and training was fast enough, else 1."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench rest", description=__doc__)
    parser.add_argument("--cards", type=int, default=100_000, help="cards of one learner (100000)")
    parser.add_argument("--clients", type=int, default=8, help="clients that read at once (8)")
    parser.add_argument("--requests", type=int, default=2_000, help="reads by all of them (2000)")
    parser.add_argument("--rate", type=float, default=100, help="reads in a second, steadily (100)")
    parser.add_argument("--seconds", type=float, default=20, help="for how long (20)")
    parser.add_argument("--training", type=int, default=300, help="due lists, and completions (300)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="speakmate-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "database") as server,
    ):
        apply_schema(
            server.superuser_conninfo, login_role=server.login_role, login_password=server.login_password
        )
        try:
            report = asyncio.run(_measure(server, Path(folder), options))
        except ChildFailed as failed:
            sys.stderr.write(f"The benchmark did not run: {failed}\n")
            return 1
    sys.stdout.write((json.dumps(report) if options.json else json.dumps(report, indent=2)) + "\n")
    return 0 if _held(report) else 1


def _held(report: Report) -> bool:
    due, completion = report["training"]["due_list"], report["training"]["completion"]
    in_time = (
        report["p95_ms"] <= READ_WITHIN_MS
        and report["middleware"]["cpu_p95_ms"] <= MIDDLEWARE_WITHIN_MS
        and due["p95_ms"] <= DUE_WITHIN_MS
        and completion["p95_ms"] <= COMPLETED_WITHIN_MS
    )
    parts = (report, report["flat_out"], due, completion)
    return in_time and not any(part["errors"] for part in parts)


async def _measure(server: EmbeddedPostgres, folder: Path, options: argparse.Namespace) -> Report:
    running = silent_server(server.conninfo, folder, module="bench.parts.reading_server")
    async with running as child, httpx.AsyncClient(base_url=child.said["url"], trust_env=False) as client:
        learner = await _signed_in(client)
        await asyncio.to_thread(seed, server.superuser_conninfo, learner, cards=options.cards, log=LOG)
        tasks = await asyncio.to_thread(
            some_cards, server.superuser_conninfo, learner, options.training + WARM_UP
        )
        await _ready(client)
        due = await _one_by_one(options.training, lambda: client.get(f"{API}/training/tasks"))
        paced, paced_s = await _steadily(client, options.rate, options.seconds)
        began = time.perf_counter()
        reads = await _at_once(client, options.clients, options.requests)
        seconds = time.perf_counter() - began
        waiting = iter(tasks)
        completed = await _one_by_one(options.training, lambda: _complete(client, next(waiting)))
    return Report(
        rate=options.rate,
        requests=len(paced.taken),
        rps=round(len(paced.taken) / paced_s, 1),
        p50_ms=paced.share(0.5),
        p95_ms=paced.share(0.95),
        errors=paced.errors,
        flat_out=FlatOut(
            clients=options.clients,
            requests=len(reads.taken),
            rps=round(len(reads.taken) / seconds, 1),
            p50_ms=reads.share(0.5),
            p95_ms=reads.share(0.95),
            errors=reads.errors,
        ),
        middleware=await _middleware(options.requests, folder),
        training=Training(
            cards=options.cards,
            reviews=options.cards * LOG,
            due_list=due.latency(),
            completion=completed.latency(),
        ),
    )


async def _signed_in(client: httpx.AsyncClient) -> UUID:
    token = await client.post(f"{API}/dev/token", json={"user": "bench"})
    client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
    return UUID((await client.get(f"{API}/users/me")).json()["id"])


async def _ready(client: httpx.AsyncClient) -> None:
    """Return once every model is loaded."""
    while (await client.get("/ready")).status_code != HTTPStatus.OK:  # noqa: ASYNC110 - it rings no bell
        await asyncio.sleep(0.2)


async def _one_by_one(count: int, request: Callable[[], Awaitable[httpx.Response]]) -> _Timings:
    for _ in range(WARM_UP):
        await request()
    timings = _Timings()
    for _ in range(count):
        await timings.take(request())
    return timings


async def _steadily(client: httpx.AsyncClient, rate: float, seconds: float) -> tuple[_Timings, float]:
    """Ask at a steady rate, timed from when a request was to be sent; return also how long all of it took."""
    timings, addresses, began = _Timings(), cycle(READS), time.perf_counter()

    async def read(due: float) -> None:
        try:
            timings.errors += (await client.get(next(addresses))).status_code != HTTPStatus.OK
        except httpx.HTTPError:  # no answer, or too late a one: the server is asked for more than it can do
            timings.errors += 1
        timings.taken.append((time.perf_counter() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        for place in range(int(rate * seconds)):
            due = began + place / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(read(due))
    return timings, time.perf_counter() - began


async def _middleware(requests: int, folder: Path) -> Middleware:
    costs = (await cost_ms(WARM_UP + requests, folder))[WARM_UP:]
    clock, core = _Timings([clock for clock, _ in costs]), _Timings([core for _, core in costs])
    return Middleware(
        requests=len(costs),
        p50_ms=clock.share(0.5),
        p95_ms=clock.share(0.95),
        cpu_p95_ms=core.share(0.95),
    )


async def _at_once(client: httpx.AsyncClient, clients: int, count: int) -> _Timings:
    timings, addresses = _Timings(), cycle(READS)

    async def read() -> None:
        for _ in range(count // clients):
            await timings.take(client.get(next(addresses)))

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(read())
    return timings


async def _complete(client: httpx.AsyncClient, task_id: UUID) -> httpx.Response:
    body = {"attempt_id": str(uuid4()), "text": BETTER, "elapsed_ms": 5_000, "type": "correct"}
    return await client.post(f"{API}/training/tasks/{task_id}/complete", json=body)
