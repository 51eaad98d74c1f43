from hypothesis import given
from hypothesis import strategies as st

from app.services.conversation.clock import ExamClock

SPANS = st.lists(
    st.tuples(st.integers(0, 5_000), st.booleans(), st.booleans()),
    max_size=40,
)


@given(start=st.integers(0, 10**12), spans=SPANS)
def test_only_running_time_counts(start: int, spans: list[tuple[int, bool, bool]]) -> None:
    clock = ExamClock()
    clock.rebase(start)
    now, expected = start, 0
    for length, paused, processing in spans:
        clock.paused, clock.processing = paused, processing
        now += length
        clock.advance(now)
        expected += 0 if paused or processing else length
    assert clock.elapsed_ms == expected


@given(spans=SPANS, ahead=st.integers(0, 100_000))
def test_the_position_it_names_is_when_it_reads_that(spans: list[tuple[int, bool, bool]], ahead: int) -> None:
    clock = ExamClock()
    now = 0
    for length, paused, processing in spans:
        clock.paused, clock.processing = paused, processing
        now += length
        clock.advance(now)
    target = clock.elapsed_ms + ahead
    position = clock.outside(target)
    assert (position is None) == (not clock.running)
    if position is not None:
        assert clock.read(position) == target


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_it_never_runs_backwards(positions: list[int]) -> None:
    clock = ExamClock()
    readings = []
    for position in positions:
        clock.advance(position)
        readings.append(clock.elapsed_ms)
    assert readings == sorted(readings)
    assert readings[-1] == max(positions)


def test_rebasing_leaves_out_what_lies_between() -> None:
    clock = ExamClock()
    clock.advance(1_000)
    clock.rebase(900_000)
    assert clock.read(900_500) == 1_500
