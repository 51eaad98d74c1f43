"""Session notices between processes and nodes, over Redis publish and subscribe."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.services.session_notices import Change, Notice, SessionNotices

CHANNEL = "speakmate:sessions"
MAX_WAITING = 1_000
"""Notices that may wait to be sent; more are dropped, and found by looking."""
TIMEOUT_S = 3.0
SILENCE_S = 10.0
"""After so long without a notice the connection is asked whether it lives."""
FIRST_WAIT_S = 0.5
LAST_WAIT_S = 10.0

log = structlog.get_logger()


class RedisNotices:
    """Carries the notices of this process to all others that use the same Redis, and theirs here.

    While Redis is away nothing is carried and nothing waits: `up` says so, and `on_change` is told.
    """

    def __init__(
        self,
        url: str,
        notices: SessionNotices,
        *,
        on_change: Callable[[bool], None] = lambda up: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._notices = notices
        self._on_change = on_change
        self._sleep = sleep
        self._name = secrets.token_hex(8)
        self._waiting: asyncio.Queue[Notice] = asyncio.Queue(MAX_WAITING)
        self._up: bool | None = None
        notices.bridge(self._forward)

    @property
    def up(self) -> bool:
        """Whether notices reach other processes at the moment."""
        return self._up is True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry notices while the block runs."""
        async with asyncio.TaskGroup() as tasks:
            carrying = [
                tasks.create_task(self._persist(self._hear), name="notices.hear"),
                tasks.create_task(self._persist(self._tell), name="notices.tell"),
            ]
            try:
                yield
            finally:
                for task in carrying:
                    task.cancel()
        await self._redis.aclose()

    def _forward(self, notice: Notice) -> None:
        if self.up and not self._waiting.full():
            self._waiting.put_nowait(notice)

    async def _persist(self, carry: Callable[[], Awaitable[None]]) -> None:
        """Do it again whenever the connection fails, after a wait that grows while it fails soon."""
        wait_s = FIRST_WAIT_S
        now = asyncio.get_running_loop().time
        while True:
            began = now()
            with suppress(RedisError, OSError):
                await carry()
            if now() - began > LAST_WAIT_S:
                wait_s = FIRST_WAIT_S
            await self._sleep(wait_s)
            wait_s = min(2 * wait_s, LAST_WAIT_S)

    async def _hear(self) -> None:
        """Deliver what others say, until the connection fails; whether it stands decides what `up` says."""
        try:
            async with self._redis.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                await self._deliver_from(channel)
        except (RedisError, OSError) as failure:
            self._is_up(False, failure)
            raise

    async def _deliver_from(self, channel: PubSub) -> None:
        asked = False
        while True:
            message = await channel.get_message(timeout=SILENCE_S)
            if message is None and asked:
                raise ConnectionError("Redis has gone silent.")
            asked = message is None
            if message is None:
                await channel.ping()
            elif message["type"] == "subscribe":
                self._is_up(True)
            elif message["type"] == "message":
                self._deliver(message["data"].decode(errors="replace"))

    async def _tell(self) -> None:
        """Say what this process has to say, until the connection fails."""
        while True:
            notice = await self._waiting.get()
            await self._redis.publish(CHANNEL, f"{self._name} {notice.change} {notice.session_id}")

    def _deliver(self, text: str) -> None:
        try:
            sender, change, session_id = text.split(" ")
            notice = Notice(Change(change), UUID(session_id))
        except ValueError:
            log.warning("notices.unknown", text=text[:100])
            return
        if sender != self._name:
            self._notices.deliver(notice)

    def _is_up(self, up: bool, why: Exception | None = None) -> None:
        if up is self._up:
            return
        self._up = up
        self._on_change(up)
        if up:
            log.info("notices.redis_up")
        else:
            log.warning("notices.redis_down", reason=str(why), effect="changes are found by looking")
