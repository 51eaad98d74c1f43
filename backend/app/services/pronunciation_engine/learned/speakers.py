"""Who speaks: whether an answer holds the voices of two people, and whether a child speaks.

Voiced frames of an early encoder layer are pooled over a second and a half, and projected to where stretches
of one speaker lie close together and those of different speakers far apart: linear discriminant analysis with
the within-speaker spread widened by what other channels do to the same speech (after Dehak et al., 2011).
How well this tells speakers apart is in the model card.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from app.services.pronunciation_engine.learned.results import Reason
from app.services.pronunciation_engine.learned.types import VOICED, Floats
from app.services.pronunciation_engine.learned.vectors import is_speech

LAYER = "L2"
STRETCH_FRAMES = 75
"""A second and a half of voice."""

LEAST_STRETCHES = 3
"""A second voice must be heard for four seconds and a half; laughter and a shout are shorter."""

APART = 0.7
"""How far the voices of two people lie apart at least; places lie on a sphere of radius 1."""

CHILD_STRETCHES = 8
CHILDLIKE = 0.45
"""Fitted to 1 for children and -1 for adults."""


def voiced_frames(states: Floats, voice: Floats, voicing: Floats) -> Floats:
    """Return the frames (n, width) of the states in which somebody speaks and the sound is periodic."""
    frames = min(len(states), len(voicing))
    found: Floats = states[:frames][is_speech(len(states), voice)[:frames] & (voicing[:frames] > VOICED)]
    return found


def stretches(frames: Floats) -> Floats:
    """Pool voiced frames (n, width) over whole stretches: mean and spread, (stretches, 2 x width)."""
    count = len(frames) // STRETCH_FRAMES
    parts = frames[: count * STRETCH_FRAMES].reshape(count, STRETCH_FRAMES, frames.shape[1])
    return np.concatenate([parts.mean(axis=1), parts.std(axis=1)], axis=1)


class Speakers:
    """The projection, and what is read from the places of an answer's stretches."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Take `mean` (1024,), `projection` (1024, k), `child` (k,) and `child_offset` ()."""
        self._w = weights

    def places(self, pooled: Floats) -> Floats:
        """Project pooled stretches: (n, k)."""
        found: Floats = (pooled - self._w["mean"]) @ self._w["projection"]
        return found

    def problem(self, pooled: Sequence[Floats]) -> Reason | None:
        """Say what keeps an answer from being scored, given the pooled stretches of its pieces."""
        if not pooled:
            return None
        places = self.places(np.concatenate(pooled))
        if distance(places) > APART:
            return "two_voices"
        if len(places) >= CHILD_STRETCHES and self.childlike(places) > CHILDLIKE:
            return "child_voice"
        return None

    def childlike(self, places: Floats) -> float:
        """How much the voice resembles the children's: about 1 for them and -1 for adults."""
        return float((places @ self._w["child"]).mean() + self._w["child_offset"])


def distance(places: Floats) -> float:
    """How far the two groups of stretches that differ most lie apart, less what chance would make of it.

    The groups are split along the first principal component, where that explains most; 0 where there are too
    few stretches for two groups.
    """
    count = len(places)
    if count < 2 * LEAST_STRETCHES:
        return 0.0
    points = places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-9)
    points = points - points.mean(axis=0)
    _, _, directions = np.linalg.svd(points, full_matrices=False)
    points = points[np.argsort(points @ directions[0])]
    first = np.arange(LEAST_STRETCHES, count - LEAST_STRETCHES + 1)
    sums = np.cumsum(points, axis=0)[first - 1]
    weight = first * (count - first) / count
    # Both groups' sums cancel, so the first one's sum gives the difference of their means.
    squared = np.square(sums * (1 / first + 1 / (count - first))[:, None]).sum(axis=1)
    best = int(np.argmax(squared * weight))
    within = (np.square(points).sum() - squared[best] * weight[best]) / (count - 2)
    return float(np.sqrt(max(0.0, squared[best] - within / weight[best])))
