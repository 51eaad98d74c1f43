"""CTC alignment of expected phones to phone-class posteriors."""

import numpy as np

from app.services.pronunciation_engine.learned.inventory import BLANK
from app.services.pronunciation_engine.learned.types import Floats, Ints

_REACH = 12
"""A phone never claims more than this many 20 ms frames either side of its peak."""


def least_frames(ids: Ints) -> int:
    """The fewest frames on which `ids` can be aligned: one each, and a blank between equal neighbours."""
    return len(ids) + int((ids[1:] == ids[:-1]).sum())


def viterbi(log_probs: Floats, ids: Ints) -> tuple[Ints, float]:
    """State (0..2n, odd ones are phones) of every frame on the best CTC path, and the path's log-score.

    `log_probs` is (frames, 41) and must hold at least `least_frames(ids)` frames, else ValueError.
    """
    if len(log_probs) < least_frames(ids):
        raise ValueError("too few frames for the phones to align: give a longer recording or a shorter text")
    states = 2 * len(ids) + 1
    labels = np.full(states, BLANK)
    labels[1::2] = ids
    may_skip = np.zeros(states, dtype=bool)
    may_skip[3::2] = ids[1:] != ids[:-1]
    emit = log_probs[:, labels].astype(np.float64)
    never = -1e9
    best = np.full(states, never)
    best[:2] = emit[0, :2]
    steps = np.zeros((len(emit), states), dtype=np.int8)
    one, two = np.full(states, never), np.full(states, never)
    for frame in range(1, len(emit)):
        one[1:], two[2:] = best[:-1], best[:-2]
        skipped = np.where(may_skip, two, never)
        step = (one > best).astype(np.int8)
        top = np.maximum(best, one)
        step[skipped > top] = 2
        best = np.maximum(top, skipped) + emit[frame]
        steps[frame] = step
    state = states - 1 if best[-1] >= best[-2] else states - 2
    score = float(best[state])
    path = np.zeros(len(emit), dtype=np.int64)
    for frame in range(len(emit) - 1, -1, -1):
        path[frame] = state
        state -= int(steps[frame, state])
    return path, score


def spans(path: Ints, log_probs: Floats, ids: Ints) -> Ints:
    """(n, 3) frames: peak, start, end of each phone; bounds lie midway between neighbouring peaks."""
    order = np.argsort(path, kind="stable")
    starts = np.searchsorted(path[order], 2 * np.arange(len(ids)) + 1, side="left")
    ends = np.searchsorted(path[order], 2 * np.arange(len(ids)) + 1, side="right")
    peaks = np.array(
        [
            order[a:b][log_probs[order[a:b], phone].argmax()]
            for a, b, phone in zip(starts, ends, ids, strict=True)
        ]
    )
    middle = (peaks[1:] + peaks[:-1] + 1) // 2
    start = np.concatenate(([max(0, peaks[0] - _REACH)], middle))
    end = np.concatenate((middle, [min(len(path), peaks[-1] + _REACH)]))
    start = np.maximum(start, peaks - _REACH)
    end = np.minimum(np.maximum(end, peaks + 1), peaks + _REACH)
    return np.stack([peaks, start, np.maximum(end, peaks + 1)], axis=1)
