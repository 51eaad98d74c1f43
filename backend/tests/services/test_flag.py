import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.flag import Flag


async def test_who_waits_goes_on_when_it_is_set_and_not_before() -> None:
    flag = Flag()
    waiting = [asyncio.create_task(flag.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)

    flag.set()
    await asyncio.gather(*waiting)

    await flag.wait()
    assert flag.is_set()


async def test_being_set_for_a_moment_is_enough() -> None:
    flag = Flag()
    waiting = asyncio.create_task(flag.wait())
    await asyncio.sleep(0)

    flag.set()
    flag.clear()
    await waiting

    late = asyncio.create_task(flag.wait())
    await asyncio.sleep(0)
    assert not late.done()
    late.cancel()


async def test_one_who_gives_up_takes_nobody_along() -> None:
    flag = Flag()
    impatient, patient = asyncio.create_task(flag.wait()), asyncio.create_task(flag.wait())
    await asyncio.sleep(0)

    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert not patient.done()

    flag.set()
    await patient


@given(st.lists(st.sampled_from(["wait", "set", "clear", "give up", "turn"]), max_size=30))
def test_it_does_what_an_event_does(steps: list[str]) -> None:
    async def course(flag: Flag | asyncio.Event) -> list[list[bool]]:
        waiting: list[asyncio.Task[object]] = []
        seen = []
        for step in steps:
            match step:
                case "wait":
                    waiting.append(asyncio.ensure_future(flag.wait()))
                case "set":
                    flag.set()
                case "clear":
                    flag.clear()
                case "give up" if waiting:
                    waiting[0].cancel()
                case _:
                    for _ in range(3):
                        await asyncio.sleep(0)
            seen.append([flag.is_set(), *(task.done() for task in waiting)])
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return seen

    assert asyncio.run(course(Flag())) == asyncio.run(course(asyncio.Event()))
