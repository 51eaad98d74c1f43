"""What waits for a session."""

import asyncio

from app.api.websocket.clock import Clock
from app.api.websocket.inbox import Inbox
from tests.virtual_time import virtual_time


@virtual_time
async def test_a_full_inbox_makes_the_writer_wait_until_it_is_read() -> None:
    inbox: Inbox[str] = Inbox(Clock(), max_bytes=100)
    await inbox.put("a", 60)
    second = asyncio.ensure_future(inbox.put("b", 60))
    await asyncio.sleep(1)
    assert not second.done()
    assert inbox.take() == "a"
    await second
    assert (inbox.take(), inbox.take()) == ("b", None)


@virtual_time
async def test_one_item_larger_than_the_inbox_still_goes_through() -> None:
    inbox: Inbox[str] = Inbox(Clock(), max_bytes=10)
    await inbox.put("large", 1_000)
    await inbox.wait(None)
    assert inbox.take() == "large"


@virtual_time
async def test_own_reports_never_wait() -> None:
    inbox: Inbox[str] = Inbox(Clock(), max_bytes=10)
    await inbox.put("a", 10)
    inbox.post("b")
    assert (inbox.take(), inbox.take()) == ("a", "b")


@virtual_time
async def test_an_empty_inbox_comes_back_at_the_deadline() -> None:
    clock = Clock()
    inbox: Inbox[str] = Inbox(clock, max_bytes=10)
    start_ms = clock.now_ms()
    await inbox.wait(start_ms + 570)
    assert inbox.take() is None
    assert clock.now_ms() - start_ms == 570


@virtual_time
async def test_waking_ends_the_wait_and_is_not_forgotten() -> None:
    clock = Clock()
    inbox: Inbox[str] = Inbox(clock, max_bytes=10)
    inbox.wake()
    await inbox.wait(None)
    start_ms = clock.now_ms()
    asyncio.get_running_loop().call_later(0.2, inbox.wake)
    await inbox.wait(start_ms + 1_000)
    assert clock.now_ms() - start_ms == 200
