from hypothesis import given
from hypothesis import strategies as st

from app.services.speech import PcmQueue


@given(st.lists(st.one_of(st.binary(max_size=9), st.integers(0, 12)), max_size=40), st.integers(0, 30))
def test_is_a_byte_string_that_grows_behind_and_shrinks_in_front(steps: list[bytes | int], size: int) -> None:
    queue, expected = PcmQueue(), b""
    for step in steps:
        if isinstance(step, bytes):
            queue.append(step)
            expected += step
        else:
            queue.drop(step)
            expected = expected[step:]
        assert len(queue) == len(expected)
        assert queue.first(size) == expected[:size]
    assert queue.first(len(queue)) == expected


def test_two_queues_share_their_pieces() -> None:
    piece = bytes(range(64)) * 10
    one, other = PcmQueue(), PcmQueue()
    one.append(piece)
    other.append(piece)
    assert one.first(640) is other.first(640) is piece
