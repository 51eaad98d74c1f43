"""Readings on the scale that the scorer was fitted on; fitting and scoring both use this, so none drifts."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.services.pronunciation_engine.learned.types import Floats
from app.services.pronunciation_engine.learned.vectors import LAYERS, Reading

COMPONENTS = 48
"""Principal components kept of each layer's pooled states."""

_STATE_COMPONENTS = 32
_ROW_CLIP, _POINT_CLIP = 4.0, 5.0
_BLOCKS = (8, 22, 25, 15, 2, 9)
"""Sizes of the groups of numbers in `Reading.numbers`; each group weighs the same in the kernel."""


class Normaliser:
    """`known` tells readings against a reference text from readings of the recognised text."""

    def __init__(self, weights: Mapping[str, Floats], *, known: bool) -> None:
        self._w = weights
        self._known = float(known)
        sizes = _BLOCKS if known else _BLOCKS[:-1]
        self._weight = np.concatenate([np.full(size, size**-0.5, dtype=np.float32) for size in sizes])

    def rows(self, reading: Reading) -> Floats:
        """One row per phone, (n, 158)."""
        phones = reading.phones
        measured = np.column_stack([phones.posteriors, phones.measures])
        parts = [_scaled(measured, self._w["rows_mean"], self._w["rows_scale"], _ROW_CLIP)]
        for name in LAYERS:
            centred = phones.states[name].astype(np.float32) - self._w[f"state_mean/{name}"]
            parts.append(np.clip(centred @ self._w[f"state_basis/{name}"], -_ROW_CLIP, _ROW_CLIP))
        change = np.diff(phones.word) > 0
        first, last = np.concatenate(([True], change)), np.concatenate((change, [True]))
        parts += [np.eye(3)[np.minimum(phones.stress, 2)], first[:, None], last[:, None]]
        return np.column_stack([*parts, np.full(len(phones.ids), self._known)]).astype(np.float32)

    def context(self, reading: Reading) -> Floats:
        """The whole utterance for the net: numbers and whitened components of the pooled states."""
        numbers = _scaled(reading.numbers, self._w["numbers_mean"], self._w["numbers_scale"], _ROW_CLIP)
        whitened = [self._pooled(reading, name) / self._w[f"pooled_sd/{name}"] for name in LAYERS]
        joined = np.concatenate([numbers, *whitened]).astype(np.float32)
        return np.clip(joined, -_ROW_CLIP, _ROW_CLIP)

    def point(self, reading: Reading) -> Floats:
        """The whole utterance for the kernel machine: every group of features has unit average variance,
        pooled states twice that."""
        numbers = _scaled(reading.numbers, self._w["numbers_mean"], self._w["numbers_scale"], _POINT_CLIP)
        pooled = [self._pooled(reading, name) for name in LAYERS]
        return np.concatenate([*pooled, numbers * self._weight]).astype(np.float32)

    def _pooled(self, reading: Reading, name: str) -> Floats:
        mean, scale = self._w[f"pooled_mean/{name}"], self._w[f"pooled_scale/{name}"]
        pooled: Floats = (
            _scaled(reading.pooled[name], mean, scale, _POINT_CLIP) @ self._w[f"pooled_basis/{name}"]
        )
        return pooled


def _scaled(values: Floats, mean: Floats, scale: Floats, limit: float) -> Floats:
    scaled: Floats = np.clip((values - mean) / scale, -limit, limit).astype(np.float32)
    return scaled


def fit(readings: Sequence[Reading], *, rng: np.random.Generator) -> dict[str, Floats]:
    """Means, scales and principal components of `readings`, which are all of one kind."""
    rows = np.concatenate([np.column_stack([r.phones.posteriors, r.phones.measures]) for r in readings])
    numbers = np.stack([reading.numbers for reading in readings])
    found = {"rows_mean": rows.mean(0), "rows_scale": rows.std(0) + 1e-3}
    found |= {"numbers_mean": numbers.mean(0), "numbers_scale": numbers.std(0) + 1e-3}
    for name in LAYERS:
        states = np.concatenate([reading.phones.states[name] for reading in readings]).astype(np.float32)
        states = states[rng.permutation(len(states))[:12_000]]
        spread, basis = _components(states - states.mean(0), _STATE_COMPONENTS)
        found |= {f"state_mean/{name}": states.mean(0), f"state_basis/{name}": basis / spread}
        pooled = np.stack([reading.pooled[name] for reading in readings])
        mean, scale = pooled.mean(0), pooled.std(0) + 1e-6
        centred = np.clip((pooled - mean) / scale, -_POINT_CLIP, _POINT_CLIP)
        spread, basis = _components(centred, COMPONENTS)
        gain = np.sqrt(2 / pooled.shape[1])
        found |= {f"pooled_mean/{name}": mean, f"pooled_scale/{name}": scale}
        found |= {f"pooled_basis/{name}": basis * gain, f"pooled_sd/{name}": spread * gain}
    return {name: value.astype(np.float32) for name, value in found.items()}


def _components(centred: Floats, count: int) -> tuple[Floats, Floats]:
    """Standard deviations (count,) and directions (width, count) of the leading principal components."""
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    return np.sqrt(np.maximum(values[::-1][:count], 1e-9)), vectors[:, ::-1][:, :count]
