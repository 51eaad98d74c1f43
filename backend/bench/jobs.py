"""--mode bench jobs: workers killed with SIGKILL at random while they analyse, and what became of the jobs.

Several worker processes share an embedded database, and for the second engine a Redis server. They find a
backlog when they start, more jobs come while they work, and one that is up is killed and replaced again and
again. The queue, the lease and the storage are the product's; the models are silent and each piece of work
takes a moment.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from typing import TypedDict

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.redis_jobs import RedisJobs
from app.modes.child import Child, ChildFailed, start_child
from app.repositories.database import Database
from app.repositories.schema import apply_schema
from app.workers.job_worker import LEASE_S
from bench.parts.job_ledger import JobLedger, Orphan
from bench.parts.redis_server import NoRedisServer, redis_server, server_class
from client import percentile

ENGINES = ("postgresql", "redis")
USERS = 10
START_S = 120.0
END_S = 180.0
RECOVERED_WITHIN_S = 30.0


class Seconds(TypedDict):
    """From the kill to the killed job running again; the lease is most of it."""

    p50: float | None
    max: float | None


class Engine(TypedDict):
    """`lost` jobs have no result at the end; `interrupted` kills hit a worker in the middle of a job."""

    engine: str
    jobs: int
    backlog: int
    workers: int
    kills: int
    interrupted: int
    lost: int
    duplicated_effects: int
    recover_s: Seconds


class Report(TypedDict):
    """One entry for each way in which jobs are carried."""

    engines: list[Engine]


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if nothing was lost or done twice and all was recovered in time, else 1."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench jobs", description=__doc__)
    parser.add_argument("--jobs", type=int, default=240, help="jobs, half of them a backlog (240)")
    parser.add_argument("--kills", type=int, default=24, help="workers to kill (24)")
    parser.add_argument("--processes", type=int, default=4, help="worker processes at a time (4)")
    parser.add_argument("--engine", choices=ENGINES, help="only one way of carrying jobs (both)")
    parser.add_argument("--seed", type=int, default=1, help="for what is drawn by lot (1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    try:
        engines = ENGINES if options.engine is None else (options.engine,)
        if "redis" in engines:
            server_class()  # said now rather than after the first engine's minutes
        report = Report(engines=[_with_servers(engine, options) for engine in engines])
    except (ChildFailed, NoRedisServer) as failed:
        sys.stderr.write(f"The benchmark did not run: {failed}\n")
        return 1
    sys.stdout.write((json.dumps(report) if options.json else json.dumps(report, indent=2)) + "\n")
    return 0 if all(map(_held, report["engines"])) else 1


def _held(engine: Engine) -> bool:
    slowest = engine["recover_s"]["max"]
    in_time = slowest is None or slowest <= RECOVERED_WITHIN_S
    return in_time and not (engine["lost"] or engine["duplicated_effects"])


def _with_servers(engine: str, options: argparse.Namespace) -> Engine:
    with (
        tempfile.TemporaryDirectory(prefix="speakmate-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "database") as server,
        redis_server() if engine == "redis" else nullcontext("") as redis_url,
    ):
        apply_schema(
            server.superuser_conninfo, login_role=server.login_role, login_password=server.login_password
        )
        return asyncio.run(_measure(engine, options, server, redis_url, Path(folder)))


async def _measure(
    engine: str, options: argparse.Namespace, server: EmbeddedPostgres, redis_url: str, folder: Path
) -> Engine:
    dice = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
    backlog = options.jobs // 2
    async with AsyncExitStack() as stack:
        database = Database(server.conninfo, max_size=3)
        await database.open()
        stack.push_async_callback(database.close)
        carrier = RedisJobs(redis_url, name="benchmark", idle_s=LEASE_S) if redis_url else None
        if carrier is not None:
            stack.push_async_callback(carrier.aclose)
        ledger = JobLedger(server.superuser_conninfo, database, carrier)
        stack.callback(ledger.close)
        await ledger.add_users(USERS)
        await ledger.add_jobs(range(backlog))
        environment = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": server.conninfo,
            "DATABASE_POOL_SIZE": "2",
            "DATA_DIR": str(folder),
            "REDIS_URL": redis_url,
        }
        workers = _Workers(options.processes, environment, dice)
        stack.push_async_callback(workers.stop)
        await workers.start()
        orphans: list[Orphan] = []
        added = backlog
        for kill in range(options.kills):
            due = backlog + (options.jobs - backlog) * (kill + 1) // options.kills
            await ledger.add_jobs(range(added, due))
            added = due
            await asyncio.sleep(dice.uniform(0.2, 1.5))
            pid = await workers.kill_one()
            if (orphan := ledger.held_by(pid)) is not None:
                orphans.append(orphan)
        await _finished(ledger)
        recovered = [s for orphan in orphans if (s := ledger.recovered_s(orphan)) is not None]
        return Engine(
            engine=engine,
            jobs=added,
            backlog=backlog,
            workers=options.processes,
            kills=options.kills,
            interrupted=len(orphans),
            lost=ledger.unfinished(),
            duplicated_effects=ledger.done_twice(),
            recover_s=Seconds(p50=_tenths(recovered, 0.5), max=_tenths(recovered, 1.0)),
        )


async def _finished(ledger: JobLedger) -> None:
    """Return once every job has ended, or when there is no hope left."""
    try:
        async with asyncio.timeout(END_S):
            while await asyncio.to_thread(ledger.waiting):  # noqa: ASYNC110 - the database rings no bell
                await asyncio.sleep(0.5)
    except TimeoutError:
        return


def _tenths(seconds: Sequence[float], share: float) -> float | None:
    tenths = percentile([10 * s for s in seconds], share)
    return None if tenths is None else tenths / 10


class _Workers:
    """So many worker processes; one that is killed is replaced."""

    def __init__(self, count: int, environment: dict[str, str], dice: random.Random) -> None:
        self._count = count
        self._environment = environment
        self._dice = dice
        self._running: list[Child] = []

    async def start(self) -> None:
        """Start them all and wait until they are up."""
        for _ in range(self._count):
            await self._add()
        for worker in self._running:
            await worker.up(START_S)

    async def kill_one(self) -> int:
        """Kill one, drawn by lot, once it is up; start another in its place; return the dead one's pid."""
        victim = self._dice.choice(self._running)
        if not victim.is_up:
            await victim.up(START_S)
        self._running.remove(victim)
        victim.kill()
        await victim.gone()
        await self._add()
        return victim.pid

    async def stop(self) -> None:
        """End them all."""
        for worker in self._running:
            worker.kill()
        for worker in self._running:
            await worker.gone()

    async def _add(self) -> None:
        seed = str(self._dice.randrange(1 << 30))
        self._running.append(
            await start_child("bench.parts.job_worker", [seed], environment=self._environment)
        )
