import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pronunciation_engine.learned.chunks import LEAST_S, STRETCH_S, Chunk, cut, spread
from app.services.speech import SAMPLE_RATE

SECOND = 2 * SAMPLE_RATE
NOISE = np.random.default_rng(0).integers(-9_000, 9_000, 70 * SAMPLE_RATE).astype("<i2").tobytes()


def pieces_of(seconds: int) -> list[Chunk]:
    return [Chunk(at * SAMPLE_RATE, (at + 10) * SAMPLE_RATE) for at in range(0, seconds, 10)]


@given(st.integers(1, 200), st.sampled_from([12.0, 30.0, 60.0]))
def test_no_more_than_the_budget_is_listened_to(tens: int, budget: float) -> None:
    pieces = pieces_of(10 * tens)
    chosen = spread(pieces, budget)
    assert sum(piece.seconds for piece in chosen) <= budget
    assert set(chosen) <= set(pieces)
    assert sorted(chosen, key=lambda piece: piece.start) == list(chosen)
    if 10 * tens <= budget:
        assert list(chosen) == pieces


def test_a_long_recording_is_heard_from_beginning_to_end() -> None:
    pieces = pieces_of(1_800)
    chosen = spread(pieces, 60.0)
    assert (chosen[0], chosen[-1], len(chosen)) == (pieces[0], pieces[-1], 6)


def test_a_cut_falls_into_the_pause() -> None:
    quiet = bytearray(NOISE[: 20 * SECOND])
    quiet[int(9.8 * SECOND) : int(10.2 * SECOND)] = bytes(int(0.4 * SECOND))
    first, second = cut(bytes(quiet))
    assert first.end / SAMPLE_RATE == pytest.approx(10.0, abs=0.11)
    assert (second.start, second.end) == (first.end, 20 * SAMPLE_RATE)


@given(st.integers(0, 70 * SAMPLE_RATE))
def test_pieces_join_without_gaps_and_are_short(samples: int) -> None:
    pieces = cut(NOISE[: 2 * samples])
    assert pieces[0].start == 0
    assert all(a.end == b.start for a, b in itertools.pairwise(pieces))
    assert all(piece.seconds <= STRETCH_S for piece in pieces)
    assert samples - pieces[-1].end < LEAST_S * SAMPLE_RATE


def test_what_comes_later_moves_no_cut() -> None:
    shorter, longer = cut(NOISE[: 40 * SECOND]), cut(NOISE)
    assert shorter[:-1] == longer[: len(shorter) - 1]
