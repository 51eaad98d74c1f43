"""The learned scorer: small recurrent nets over phones, and a Nyström kernel machine over the utterance.

The weights come from one `.npz` written by the training command; this file holds only the forward pass.
Kernel part after Williams and Seeger (NIPS 2000); the net follows the phone-word-utterance design of
HiPAMA (Do et al., ICASSP 2023) with gated recurrent units in place of attention layers.
"""

from collections.abc import Mapping

import numpy as np

from app.services.pronunciation_engine.learned.normalise import Normaliser
from app.services.pronunciation_engine.learned.types import Floats, Ints, RawScores
from app.services.pronunciation_engine.learned.vectors import Reading

KERNEL_DECAY, KERNEL_LINEAR = 0.7, 0.3
PHONE_SCALE, WORD_SCALE = (1.8, 0.45), (9.4, 1.6)
"""Mean and spread by which phone (0-2) and word (0-10) ratings were standardised."""


class Scorer:
    """Scores readings of one kind: of recognised text, or (`known`) of a reference text."""

    def __init__(self, weights: Mapping[str, Floats], *, known: bool) -> None:
        own = {
            name.removeprefix(kind): value
            for kind in ("both/", "known/" if known else "free/")
            for name, value in weights.items()
            if name.startswith(kind)
        }
        self._w = own
        self._normaliser = Normaliser(own, known=known)
        names = sorted({key.split(".")[0] for key in own if key.startswith("net")})
        self._nets = [
            {key.removeprefix(f"{name}."): value for key, value in own.items() if key.startswith(f"{name}.")}
            for name in names
        ]

    def score(self, reading: Reading) -> RawScores:
        """Utterance, word and phone scores; the same reading always scores the same."""
        rows, context = self._normaliser.rows(reading), self._normaliser.context(reading)
        found = [_run(net, rows, reading.phones.ids, reading.phones.word, context) for net in self._nets]
        phones, words, nets = (np.mean(part, axis=0) for part in zip(*found, strict=True))
        overall = (nets * self._w["ratings_scale"] + self._w["ratings_mean"] + self._kernel(reading)) / 2
        return RawScores(
            np.clip(overall, 0, 10),
            np.clip(phones * PHONE_SCALE[1] + PHONE_SCALE[0], 0, 2),
            np.clip(words * WORD_SCALE[1] + WORD_SCALE[0], 0, 10),
            reading.phones.word,
            reading.phones.spans,
        )

    def _kernel(self, reading: Reading) -> Floats:
        point = self._normaliser.point(reading)
        near = np.exp(-KERNEL_DECAY * ((self._w["centres"] - point) ** 2).sum(axis=1) / self._w["width"])
        scores: Floats = near @ self._w["near_weight"] + point @ self._w["linear_weight"]
        return scores + self._w["offset"]


def _run(
    w: Mapping[str, Floats], rows: Floats, ids: Ints, word: Ints, context: Floats
) -> tuple[Floats, Floats, Floats]:
    """Standardised phone (n,), word (words,) and utterance (4,) scores of one net."""
    entry = _gelu(_linear(w, "inp", np.column_stack([rows, w["emb.weight"][ids]])))
    hidden = np.column_stack([entry, _gru(w, "l0", entry), _gru(w, "l0_reverse", entry[::-1])[::-1]])
    phone = _linear(w, "ph", hidden)[:, 0]
    member = word[None] == np.arange(int(word.max()) + 1)[:, None]
    share = member / member.sum(axis=1, keepdims=True)
    worst = np.where(member, phone[None], np.inf).min(axis=1)
    words = _linear(w, "wd", np.column_stack([share @ hidden, share @ phone, worst]))[:, 0]
    attention = _linear(w, "att", hidden)
    attention = np.exp(attention - attention.max(axis=0))
    attended = (attention / attention.sum(axis=0)).mean(axis=1) @ hidden
    joint = np.concatenate([hidden.mean(axis=0), attended, _gelu(_linear(w, "g", context))])
    return phone, words, _linear(w, "out", _gelu(_linear(w, "ut", joint))) + _linear(w, "lin", context)


def _linear(w: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    found: Floats = x @ w[f"{name}.weight"].T + w[f"{name}.bias"]
    return found


def _gelu(x: Floats) -> Floats:
    """Gaussian error linear unit; erf after Abramowitz and Stegun 7.1.26 (absolute error below 1.5e-7)."""
    z = np.abs(x) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    found: Floats = 0.5 * x * (1 + np.sign(x) * (1 - poly * np.exp(-z * z)))
    return found


def _gru(w: Mapping[str, Floats], layer: str, inputs: Floats) -> Floats:
    """One direction of a GRU with PyTorch's gate order and biases: (n, width) -> (n, hidden)."""
    driven = inputs @ w[f"gru.weight_ih_{layer}"].T + w[f"gru.bias_ih_{layer}"]
    recurrent, bias = w[f"gru.weight_hh_{layer}"], w[f"gru.bias_hh_{layer}"]
    size = recurrent.shape[1]
    state = np.zeros(size, dtype=np.float32)
    out = np.empty((len(inputs), size), dtype=np.float32)
    for index, given in enumerate(driven):
        held = recurrent @ state + bias
        gates = 1 / (1 + np.exp(-(given[: 2 * size] + held[: 2 * size])))
        candidate = np.tanh(given[2 * size :] + gates[:size] * held[2 * size :])
        state = (1 - gates[size:]) * candidate + gates[size:] * state
        out[index] = state
    return out
