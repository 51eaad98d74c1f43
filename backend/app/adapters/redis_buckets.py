"""Counting requests in Redis, for all processes that share it."""

from collections.abc import Sequence

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.middleware.security.buckets import BucketsUnavailable, Charge
from app.middleware.security.rates import Spent

PREFIX = "speakmate:spent:"
TIMEOUT_S = 0.25
"""A request waits for this at most; after it the process counts by itself."""

# Rate.spend for every charge, by Redis' own clock, in microseconds: an answer from Lua is a whole number.
_SPEND = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers, kept, refused = {}, {}, false
for i, key in ipairs(KEYS) do
  local quota, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i]) * 1000000
  local spacing = window / quota
  local full_at = tonumber(redis.call('GET', key) or now)
  local after = math.max(full_at, now) + spacing
  local wait = after - now - window
  if wait > 1 then
    refused = true
    answers[i] = {0, 0, math.ceil(wait)}
  else
    answers[i] = {1, math.floor((window - (after - now)) / spacing + 0.000001), math.ceil(after - now)}
    kept[key] = after
  end
end
if not refused then
  for key, after in pairs(kept) do
    redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
  end
end
return answers
"""


class RedisBuckets:
    """Buckets in Redis: one round trip and one script for all charges of a request."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_connect_timeout=timeout_s,
            socket_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(_SPEND)

    async def spend(self, charges: Sequence[Charge]) -> list[Spent]:
        """Count one request against every charge, or none. Raises BucketsUnavailable."""
        keys = [PREFIX + charge.key for charge in charges]
        numbers = [number for charge in charges for number in (charge.rate.quota, charge.rate.window_s)]
        try:
            answers = await self._script(keys=keys, args=numbers)
        except (RedisError, OSError, TimeoutError) as away:
            raise BucketsUnavailable(str(away)) from away
        # When the quota is whole again is Redis' to know.
        return [Spent(bool(allowed), 0.0, left, micros / 1e6) for allowed, left, micros in answers]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
