import asyncio
from collections.abc import Coroutine

import pytest

from app.api.websocket.chore import Chore


class Desk:
    """Work that takes what lies there, a piece at a time."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.done: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.chore = Chore(self.own, self.work, "desk")

    def own(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work, name=name))
        return self.tasks[-1]

    def put(self, piece: str) -> None:
        self.waiting.append(piece)
        self.chore.poke()

    async def work(self) -> None:
        while self.waiting:
            await asyncio.sleep(0)
            piece = self.waiting.pop(0)
            if piece == "broken":
                raise ValueError(piece)
            self.done.append(piece)


async def test_everything_is_done_by_one_task_at_a_time_and_none_stands_there_in_between() -> None:
    desk = Desk()
    desk.put("before")
    assert desk.tasks == []

    desk.chore.begin()
    desk.put("one")
    await desk.tasks[0]
    assert (desk.done, len(desk.tasks)) == (["before", "one"], 1)

    desk.put("two")
    await asyncio.sleep(0)
    desk.put("three")
    await desk.tasks[1]
    assert desk.done == ["before", "one", "two", "three"]
    assert [task.get_name() for task in desk.tasks] == ["desk", "desk"]


async def test_what_broke_is_not_started_again_by_itself() -> None:
    desk = Desk()
    desk.chore.begin()
    await desk.tasks[0]
    desk.put("broken")
    with pytest.raises(ValueError, match="broken"):
        await desk.tasks[1]

    desk.put("later")
    assert len(desk.tasks) == 2

    desk.chore.begin()
    await desk.tasks[2]
    assert desk.done == ["later"]
