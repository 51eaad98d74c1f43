"""A model that is loaded by the first who needs it."""

import asyncio
import threading

import pytest

from app.adapters.local_speech.standby import AGAIN_AFTER_S, Standby
from app.services.speech import ModelNotReady


class Shelf:
    """Makes models on a thread, when `open` lets it; `failures` of them fail."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.made = 0
        self.open = threading.Event()

    def load(self) -> str:
        assert threading.current_thread() is not threading.main_thread()
        self.open.wait(10)
        self.made += 1
        if self.made <= self.failures:
            raise OSError("no such file")
        return f"model {self.made}"


async def test_it_is_loaded_once_for_all_who_wait_and_the_loop_goes_on() -> None:
    shelf = Shelf()
    standby = Standby("test", shelf.load)
    with pytest.raises(ModelNotReady, match="still loading"):
        _ = standby.model
    waiting = [asyncio.create_task(standby.get()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    shelf.open.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert standby.there
    assert standby.model == "model 1"
    standby.wake()
    assert shelf.made == 1
    await standby.aclose()
    assert not standby.there


async def test_a_failure_is_told_to_who_waits_and_not_repeated_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf(failures=1)
    shelf.open.set()
    standby = Standby("test", shelf.load)
    for _ in range(2):
        with pytest.raises(ModelNotReady, match="could not be loaded"):
            await standby.get()
    assert (shelf.made, standby.failed) == (1, True)
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + AGAIN_AFTER_S)
    await standby.get()
    assert (standby.model, standby.failed) == ("model 2", False)
    await standby.aclose()
