import gc
import threading

from hypothesis import given
from hypothesis import strategies as st

from app.services.speech.pcm_blocks import BLOCK, PcmBlocks
from app.services.speech.pcm_queue import PcmQueue

sizes = st.one_of(st.integers(0, 40), st.integers(BLOCK - 20, BLOCK + 20), st.integers(0, 4 * BLOCK))
SOUND = bytes(range(251)) * (4 * BLOCK // 251 + 1)


@given(st.lists(st.tuples(st.booleans(), sizes), max_size=30), sizes, sizes)
def test_is_a_byte_string_that_grows_behind_and_shrinks_in_front(
    steps: list[tuple[bool, int]], start: int, end: int
) -> None:
    queue, expected = PcmQueue(), b""
    for number, (grows, size) in enumerate(steps):
        if grows:
            piece = SOUND[number : number + size]
            queue.append(piece)
            expected += piece
        else:
            queue.drop(size)
            expected = expected[size:]
        assert len(queue) == len(expected)
        assert b"".join(queue.read(start, end)) == expected[start:end]
    assert b"".join(queue.read(0, len(queue))) == expected


def test_what_was_read_stays_as_it_was_until_it_is_dropped() -> None:
    queue = PcmQueue()
    queue.append(SOUND[: 3 * BLOCK])
    read = queue.read(100, 2 * BLOCK)
    queue.drop(100)
    others = [PcmQueue() for _ in range(100)]
    for other in others:
        other.append(SOUND[: 4 * BLOCK])
    assert b"".join(read) == SOUND[100 : 2 * BLOCK]


def test_two_sounds_never_share_a_block() -> None:
    queues = [PcmQueue() for _ in range(5)]
    for step in range(50):
        for number, queue in enumerate(queues):
            queue.append(bytes((number,)) * (BLOCK // 3 * (step % 4)))
            queue.drop(BLOCK // 2 if step % 3 else 0)
    assert [set(b"".join(queue.read(0, len(queue)))) for queue in queues] == [{n} for n in range(5)]


def test_a_queue_that_nobody_holds_any_more_gives_back_its_blocks_from_any_thread() -> None:
    memory = PcmBlocks()
    for _ in range(1_000):
        queue = PcmQueue(memory)
        queue.append(SOUND[: 2 * BLOCK])
        queues = [queue]
        queues.append(queues)  # type: ignore[arg-type]
        del queue, queues
    collecting = threading.Thread(target=gc.collect)
    collecting.start()
    collecting.join()
    assert memory.take(1) == [0]
