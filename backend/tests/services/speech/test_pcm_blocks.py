import resource
from array import array
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.speech.pcm_blocks import BLOCK, SLAB, SLAB_BLOCKS, PcmBlocks


def numbers(*values: int) -> "array[int]":
    return array("I", values)


def test_blocks_of_a_slab_fill_its_pages() -> None:
    assert SLAB % resource.getpagesize() == 0


@given(st.lists(st.integers(0, 5), max_size=60), st.randoms(use_true_random=False))
def test_a_block_is_never_two_peoples_and_keeps_what_was_written(steps: list[int], chance: Random) -> None:
    memory, held = PcmBlocks(), dict[int, bytes]()
    for step, count in enumerate(steps):
        for number in memory.take(count * SLAB_BLOCKS // 4):
            assert number not in held
            held[number] = bytes((step, number % 251)) * (BLOCK // 2)
            memory.write(numbers(number), 0, held[number])
        gone = chance.sample(sorted(held), len(held) * (step % 4) // 3)
        (memory.abandon if step % 2 else memory.give_back)(numbers(*gone))
        for number in gone:
            del held[number]
    assert b"".join(memory.read(numbers(*held), 0, len(held) * BLOCK)) == b"".join(held.values())


def test_what_stays_after_a_stall_moves_down() -> None:
    memory, stalled = PcmBlocks(), [numbers() for _ in range(20)]
    for _ in range(SLAB_BLOCKS):
        for session in stalled:
            session.extend(memory.take(1))
    flowing = [session[-5:] for session in stalled]
    for session in stalled:
        memory.give_back(session[:-5])
    for _ in range(10):
        for session in flowing:
            session.extend(memory.take(1))
            memory.give_back(session[:1])
            del session[0]
    assert max(map(max, flowing)) < SLAB_BLOCKS


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Only Linux says what is resident now.")
def test_what_is_given_back_goes_to_the_system() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    memory = PcmBlocks()
    before = resident()
    taken = numbers(*memory.take(30_000))
    memory.write(taken, 0, bytes(30_000 * BLOCK))
    full = resident()
    memory.give_back(taken[1:-1])
    assert full - before > 18_000_000
    assert resident() - before < 2_000_000
