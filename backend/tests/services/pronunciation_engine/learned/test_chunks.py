import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.services.pronunciation_engine.learned.chunks import STRETCH_S, Chunk, cut, windows
from app.services.speech import SAMPLE_RATE


@given(st.integers(1, 2_000), st.sampled_from([12.0, 30.0, 60.0]))
def test_no_more_than_the_budget_is_listened_to(seconds: int, budget: float) -> None:
    chosen = windows(seconds * SAMPLE_RATE, budget)
    assert sum(window.seconds for window in chosen) <= max(budget, STRETCH_S)
    assert all(a.end <= b.start for a, b in itertools.pairwise(chosen))
    assert chosen[0].start >= 0
    assert chosen[-1].end <= seconds * SAMPLE_RATE


def test_a_long_recording_is_heard_from_beginning_to_end() -> None:
    chosen = windows(1_800 * SAMPLE_RATE, 60.0)
    assert (chosen[0].start, chosen[-1].end, len(chosen)) == (0, 1_800 * SAMPLE_RATE, 5)


def test_a_cut_falls_into_the_pause() -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 20 * SAMPLE_RATE).astype(np.float32)
    samples[int(9.8 * SAMPLE_RATE) : int(10.2 * SAMPLE_RATE)] = 0
    first, second = cut(samples, Chunk(0, len(samples)))
    assert abs(first.end / SAMPLE_RATE - 10.0) < 0.11
    assert (second.start, second.end) == (first.end, len(samples))


@given(st.integers(1, 70))
def test_pieces_join_without_gaps_and_are_short(seconds: int) -> None:
    samples = np.zeros(seconds * SAMPLE_RATE, np.float32)
    pieces = cut(samples, Chunk(0, len(samples)))
    assert pieces[0].start == 0
    assert all(a.end == b.start for a, b in itertools.pairwise(pieces))
    assert all(piece.seconds <= STRETCH_S for piece in pieces)
    assert len(samples) - pieces[-1].end < SAMPLE_RATE
