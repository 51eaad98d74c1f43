"""Word of due jobs over a Redis stream with a consumer group, through taskiq."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from taskiq.acks import AcknowledgeType
from taskiq.exceptions import SendTaskError
from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

from app.services.job_carrier import CarrierDown

STREAM = "speakmate:jobs"
GROUP = "workers"
MAX_LENGTH = 10_000
"""Messages the stream keeps, delivered ones included; what is cut off is dispatched again."""
MAX_AT_ONCE = 200
BLOCK_MS = 1_000
TIMEOUT_S = 5.0
"""Longer than BLOCK_MS, during which a living connection is silent."""


class RedisJobs:
    """JobCarrier on the Redis server at `url`; `name` tells this process from others.

    A message that was received and not acknowledged for `idle_s` is delivered to somebody else.
    """

    def __init__(self, url: str, *, name: str, idle_s: float) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 1)
        )
        self._broker = RedisStreamBroker(
            url,
            queue_name=STREAM,
            consumer_group_name=GROUP,
            consumer_name=name,
            consumer_id="0",  # from the beginning: messages may be there before the first worker
            maxlen=MAX_LENGTH,
            idle_timeout=round(idle_s * 1000),
            unacknowledged_lock_timeout=TIMEOUT_S,
            xread_block=BLOCK_MS,
            xread_count=1,  # what a busy worker had fetched ahead, an idle one could not do
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
        )
        self._work: Callable[[], Awaitable[None]] | None = None

        async def received() -> None:
            if self._work is not None:
                await self._work()

        self._due = self._broker.register_task(received, task_name="jobs.due")

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._broker.shutdown()
        await self._redis.aclose()

    async def dispatch(self, due: int) -> None:
        """See to it that at least `due` messages wait to be delivered. Raises CarrierDown."""
        try:
            for _ in range(min(due - await self._undelivered(), MAX_AT_ONCE)):
                await self._due.kiq()
        except (RedisError, OSError, SendTaskError) as failure:
            raise CarrierDown(str(failure)) from failure

    async def receive(self, work: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        """Call `work` for one message after the other until `stopping`; acknowledge each when it returns.

        Raises CarrierDown.
        """
        self._work = work
        receiver = Receiver(self._broker, max_async_tasks=1, ack_type=AcknowledgeType.WHEN_EXECUTED)
        down: CarrierDown | None = None
        try:
            await receiver.listen(stopping)
        except* (RedisError, OSError) as failures:
            down = CarrierDown(str(failures.exceptions[0]))
        if down is not None:
            raise down

    async def _undelivered(self) -> int:
        """Return how many messages no worker has received yet, 0 where the server cannot say."""
        try:
            groups = await self._redis.xinfo_groups(STREAM)
        except ResponseError:  # no stream yet
            return 0
        lags = [int(group["lag"] or 0) for group in groups if group["name"] == GROUP.encode()]
        return lags[0] if lags else int(await self._redis.xlen(STREAM))
