"""From voiced frames of known speakers to the weights that tell voices apart.

Linear discriminant analysis on stretches pooled as the product pools them. The spread within a speaker holds
what other channels do to the same recording, so that a channel is not taken for a voice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.speakers import stretches

WIDTH = 40
CHANNEL_WEIGHT = 4.0
RIDGE, CHILD_RIDGE = 0.05, 0.02
LEAST_FRAMES = 20


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker: voiced frames (n, 512) of each recording, and of one through other channels.

    `changed` are pairs: which recording it is, and its frames through each channel.
    """

    child: bool
    gender: str
    recordings: Sequence[Floats]
    changed: tuple[int, Sequence[Floats]]

    @property
    def pooled(self) -> Floats:
        """The stretches of all recordings one after the other."""
        return stretches(np.concatenate([frames.astype(np.float32) for frames in self.recordings]))


def fit_speakers(voices: Sequence[Voice]) -> dict[str, Floats]:
    """Fit the weights of `Speakers`; large arrays in half precision."""
    pooled = [voice.pooled for voice in voices]
    changes = np.stack([change for voice in voices for change in _changes(voice)])
    mean = np.concatenate(pooled).mean(axis=0)
    around = np.concatenate([p - p.mean(axis=0) for p in pooled])
    freedom = len(around) - len(pooled)
    within = around.T @ around / freedom + CHANNEL_WEIGHT * changes.T @ changes / len(changes)
    within += RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    centres = np.stack([p.mean(axis=0) - mean for p in pooled])
    whiten = np.linalg.inv(np.linalg.cholesky(within))
    directions, spread, _ = np.linalg.svd(whiten @ (centres.T @ centres / len(centres)) @ whiten.T)
    projection = whiten.T @ directions[:, :WIDTH]
    own = np.square(around @ projection).sum(axis=0) / freedom
    between = np.maximum(spread[:WIDTH] - len(pooled) / sum(map(len, pooled)), 1e-3) / own
    projection *= np.sqrt(between / (1 + between) / own)
    places = [(p - mean) @ projection for p in pooled]
    child, offset = _child(places, [voice.child for voice in voices], changes @ projection)
    return {
        "mean": mean.astype(np.float32),
        "projection": projection.astype(np.float16),
        "child": child.astype(np.float32),
        "child_offset": np.array(offset, np.float32),
    }


def _changes(voice: Voice) -> list[Floats]:
    """What each channel does to a recording, pooled whole; nothing of recordings with little voice."""
    index, others = voice.changed
    plain = voice.recordings[index]
    if min(map(len, (plain, *others))) < LEAST_FRAMES:
        return []
    return [_whole(other) - _whole(plain) for other in others]


def _whole(frames: Floats) -> Floats:
    wide = frames.astype(np.float32)
    return np.concatenate([wide.mean(axis=0), wide.std(axis=0)])


def _child(places: Sequence[Floats], child: Sequence[bool], changes: Floats) -> tuple[Floats, float]:
    """Ridge regression of 1 for children and -1 for adults, each speaker counting the same."""
    points = np.concatenate(places)
    weight = np.concatenate([np.full(len(p), 1 / len(p) / len(places)) for p in places])[:, None]
    goal = np.repeat(np.where(child, 1.0, -1.0), [len(p) for p in places])
    centre, middle = (weight * points).sum(axis=0), float(weight[:, 0] @ goal)
    scale = points.std(axis=0)
    scaled, moved = (points - centre) / scale, changes / scale
    gram = (weight * scaled).T @ scaled + moved.T @ moved / len(moved) + CHILD_RIDGE * np.eye(len(scale))
    solved = np.linalg.solve(gram, (weight * scaled).T @ (goal - middle)) / scale
    return solved, middle - float(centre @ solved)


def spread_over_folds(voices: Mapping[str, Voice], count: int) -> dict[str, int]:
    """Give each speaker a fold, children and adults spread evenly."""
    rng = np.random.default_rng(0)
    groups = [sorted(name for name in voices if voices[name].child == child) for child in (True, False)]
    return {str(name): at % count for names in groups for at, name in enumerate(rng.permutation(names))}
