import os
from concurrent.futures import ThreadPoolExecutor

from app.services.new_id import AT_A_TIME, new_id


def test_no_two_are_the_same_whichever_thread_asks() -> None:
    def draw(count: int) -> list[object]:
        return [new_id() for _ in range(count)]

    with ThreadPoolExecutor(4) as threads:
        drawn = [id_ for ids in threads.map(draw, [3 * AT_A_TIME] * 8) for id_ in ids]
    assert len(set(drawn)) == len(drawn) == 24 * AT_A_TIME


def test_they_are_random_uuids() -> None:
    ids = [new_id() for _ in range(500)]
    assert {(id_.version, id_.variant) for id_ in ids} == {(4, "specified in RFC 4122")}
    ones = sum(id_.int.bit_count() for id_ in ids) / (500 * 128)
    assert 0.48 < ones < 0.52


def test_a_forked_process_draws_others() -> None:
    new_id()
    receive, send = os.pipe()
    if (child := os.fork()) == 0:
        os.write(send, new_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(receive, 16)
    os.close(receive)
    os.close(send)
    assert theirs not in {new_id().bytes for _ in range(2 * AT_A_TIME)}
