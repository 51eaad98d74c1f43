import pytest

from app.middleware.security import BucketsUnavailable, Charge, MemoryBuckets, Rate, Spent, SubstituteBuckets

ONCE = Rate(1, 60)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def allowed(buckets: MemoryBuckets | SubstituteBuckets, *keys: str) -> bool:
    return all(one.allowed for one in await buckets.spend([Charge(key, ONCE) for key in keys]))


async def test_everybody_has_a_quota_of_their_own() -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock=clock)
    assert await allowed(buckets, "a")
    assert not await allowed(buckets, "a")
    assert await allowed(buckets, "b")
    clock.now += 60
    assert await allowed(buckets, "a")


async def test_what_one_charge_refuses_is_counted_against_none() -> None:
    buckets = MemoryBuckets(clock=Clock())
    assert await allowed(buckets, "spent")
    assert not await allowed(buckets, "fresh", "spent")
    assert await allowed(buckets, "fresh")


async def test_a_flood_of_new_callers_takes_bounded_memory_and_forgets_the_quietest() -> None:
    buckets = MemoryBuckets(clock=Clock(), max_callers=100)
    for n in range(1_000):
        await allowed(buckets, f"flood {n}")
        await buckets.spend([Charge("busy", Rate(10_000, 60))])
    assert len(buckets) == 100
    [busy] = await buckets.spend([Charge("busy", Rate(10_000, 60))])
    assert busy.left == 10_000 - 1_001
    assert await allowed(buckets, "flood 0")
    assert not await allowed(buckets, "flood 999")


class Shared:
    """Buckets that a test takes away."""

    def __init__(self) -> None:
        self.up, self.asked = True, 0

    async def spend(self, charges: list[Charge]) -> list[Spent]:
        self.asked += 1
        if not self.up:
            raise BucketsUnavailable("away")
        return [Spent(True, 0.0, 7, 1.0) for _ in charges]


async def test_while_the_shared_count_is_away_the_process_counts_by_itself() -> None:
    clock, shared, changes = Clock(), Shared(), []
    buckets = SubstituteBuckets(
        shared, MemoryBuckets(clock=clock), on_change=changes.append, rest_s=5, clock=clock
    )
    assert [await allowed(buckets, "a") for _ in range(2)] == [True, True]
    shared.up = False
    assert [await allowed(buckets, "a") for _ in range(3)] == [True, False, False]
    assert shared.asked == 3, "nobody waits again for what has just failed"
    clock.now += 5
    shared.up = True
    assert await allowed(buckets, "a")
    assert changes == [True, False, True]


@pytest.mark.parametrize("up", [True, False])
async def test_the_first_word_on_the_shared_count_is_told_too(up: bool) -> None:
    shared, changes = Shared(), []
    shared.up = up
    await allowed(SubstituteBuckets(shared, MemoryBuckets(), on_change=changes.append), "a")
    assert changes == [up]
