"""hama's phone model in numpy: the same posteriors as its own engine in an eighth of the time.

A conformer (Gulati et al., Interspeech 2020) over log-mel features: four blocks of width 144, 20 ms frames,
no positions. The package's engine computes every product in a plain loop, which was two fifths of all that
scoring an answer cost.
"""

from collections.abc import Mapping

import numpy as np

from app.services.pronunciation_engine.learned import Floats

_WINDOW, _HOP = 400, 160
_FLOOR = 1e-10
_BLOCKS, _HEADS = 4, 4
_EPSILON = 1e-5
_ROOT_TWO = 1.4140625
"""As the model was exported: in half precision."""

_FIRST_DEPTHWISE, _FIRST_PRODUCT = 804, 829
"""The export numbered what had no name: 3 arrays a block for convolutions, 9 for products."""


class Conformer:
    """The loaded model; may be called from several threads."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Take the arrays of the package. Raises KeyError for one that is missing."""
        self._fourier = np.concatenate(
            [weights[f"stft_{part}_kernel"][:, 0].T for part in ("real", "imag")], axis=1
        )
        self._mel = weights["mel_fb"]
        stem = weights["onnx::Conv_801"]
        self._stem = stem.transpose(2, 1, 0).reshape(-1, stem.shape[0]), weights["onnx::Conv_802"]
        self._blocks = [_block(weights, number) for number in range(_BLOCKS)]
        self._last = (
            weights["acoustic_model.model.proj.weight"][:, :, 0].T,
            weights["acoustic_model.model.proj.bias"],
        )

    def log_probs(self, samples: Floats) -> Floats:
        """Return (20 ms frames, symbols) log-probabilities of 26 ms and more of 16 kHz samples in -1 to 1."""
        x = _entry(self._features(samples), *self._stem)
        for block in self._blocks:
            x = x + _feed_forward(block, "ffn1", x) / 2
            x = x + _attention(block, x)
            x = x + _convolution(block, x)
            x = x + _feed_forward(block, "ffn2", x) / 2
            x = _normed(block, "norm", x)
        logits = x @ self._last[0] + self._last[1]
        logits -= logits.max(axis=1, keepdims=True)
        found: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return found

    def _features(self, samples: Floats) -> Floats:
        """Return log-mel energies (10 ms frames, 80), rounded as the model got them: to half precision."""
        padded = np.pad(samples.astype(np.float32), _WINDOW // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
        spectrum = np.square(frames @ self._fourier)
        half = spectrum.shape[1] // 2
        mel = np.log(np.maximum((spectrum[:, :half] + spectrum[:, half:]) @ self._mel, _FLOOR))
        features: Floats = mel.astype(np.float16).astype(np.float32)
        return features


def _block(weights: Mapping[str, Floats], number: int) -> dict[str, Floats]:
    """Name the arrays of one block."""
    prefix = f"acoustic_model.model.blocks.{number}."
    named = {name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)}
    products = ("ffn1.fc1", "ffn1.fc2", "attn.in", "", "", "", "attn.out", "ffn2.fc1", "ffn2.fc2")
    for place, product in enumerate(products):
        if product:
            named[product] = weights[f"onnx::MatMul_{_FIRST_PRODUCT + len(products) * number + place}"]
    for pointwise in ("conv.pointwise1", "conv.pointwise2"):
        named[pointwise] = named[f"{pointwise}.weight"][:, :, 0].T
    depthwise = _FIRST_DEPTHWISE + 3 * number
    named["conv.depthwise"] = weights[f"onnx::Conv_{depthwise}"][:, 0].T
    named["conv.depthwise.bias"] = weights[f"onnx::Conv_{depthwise + 1}"]
    return named


def _entry(features: Floats, kernel: Floats, bias: Floats) -> Floats:
    """Halve the frames by a convolution of three, with a Gaussian error linear unit."""
    frames = (len(features) - 1) // 2 + 1
    padded = np.pad(features, ((1, 2), (0, 0)))
    three = np.concatenate([padded[at : at + 2 * frames : 2] for at in range(3)], axis=1)
    x = three @ kernel + bias
    found: Floats = x / 2 * (1 + _erf(x / _ROOT_TWO))
    return found


def _feed_forward(w: Mapping[str, Floats], part: str, x: Floats) -> Floats:
    inner = _swish(_normed(w, f"{part}.norm", x) @ w[f"{part}.fc1"] + w[f"{part}.fc1.bias"])
    found: Floats = inner @ w[f"{part}.fc2"] + w[f"{part}.fc2.bias"]
    return found


def _attention(w: Mapping[str, Floats], x: Floats) -> Floats:
    frames, width = x.shape
    given = _normed(w, "attn_norm", x) @ w["attn.in"] + w["attn.in_proj_bias"]
    query, key, value = given.reshape(frames, 3, _HEADS, width // _HEADS).transpose(1, 2, 0, 3)
    weight = query @ key.transpose(0, 2, 1) * np.float32((width // _HEADS) ** -0.5)
    weight -= weight.max(axis=2, keepdims=True)
    np.exp(weight, out=weight)
    weight /= weight.sum(axis=2, keepdims=True)
    attended = (weight @ value).transpose(1, 0, 2).reshape(frames, width)
    found: Floats = attended @ w["attn.out"] + w["attn.out_proj.bias"]
    return found


def _convolution(w: Mapping[str, Floats], x: Floats) -> Floats:
    given = _normed(w, "conv.norm", x) @ w["conv.pointwise1"] + w["conv.pointwise1.bias"]
    width = x.shape[1]
    gated = given[:, :width] * _sigmoid(given[:, width:])
    kernel = w["conv.depthwise"]
    padded = np.pad(gated, ((len(kernel) // 2,) * 2, (0, 0)))
    y = np.tile(w["conv.depthwise.bias"], (len(x), 1))
    for at, weight in enumerate(kernel):
        y += padded[at : at + len(x)] * weight
    found: Floats = _swish(y) @ w["conv.pointwise2"] + w["conv.pointwise2.bias"]
    return found


def _normed(w: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    centred = x - x.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(_EPSILON))
    found: Floats = centred / spread * w[f"{name}.weight"] + w[f"{name}.bias"]
    return found


def _sigmoid(x: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-x))
    return found


def _swish(x: Floats) -> Floats:
    return x * _sigmoid(x)


def _erf(x: Floats) -> Floats:
    """Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7."""
    z = np.abs(x)
    t = 1 / (1 + 0.3275911 * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    found: Floats = np.sign(x) * (1 - poly * np.exp(-z * z))
    return found
