"""What the recogniser knows beyond its text: encoder states, and how sure it was of each token."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.adapters.local_speech.whisper import HOP, MARGIN_FRAMES, MAX_FRAMES, MIN_FRAMES, WhisperDecoder
from app.services.pronunciation_engine.learned import Decoding, Floats

TOKENS_PER_SECOND = 12
SPARE_TOKENS = 20
LANGUAGE_FROM_FRAMES = 300
"""In less than three seconds of accented speech the language cannot be told. What is left behind a long piece
must be asked: when it counted as English, 17 s of Russian did. Learners' English in pieces of three to six
seconds, six and more together, was taken for another language in 4 of 987 cases."""

_LEAST = -60.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """Log-mel `features` (bands, 10 ms frames) and the encoder's output, as a handle and as an array."""

    features: Floats
    handle: Any
    states: Floats

    @property
    def frames(self) -> int:
        """Frames that hold audio."""
        return int(self.features.shape[1])


class WhisperStates:
    """Reads a loaded recogniser; shares its weights."""

    def __init__(self, whisper: WhisperDecoder) -> None:
        self._model: Any = whisper.model.model
        self._extract: Any = whisper.model.feature_extractor
        self._tokenizer: Any = whisper.tokenizer
        self._prompt = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]

    def features(self, samples: Floats) -> Floats:
        """Return log-mel features (bands, 10 ms frames) of up to 30 s."""
        found: Floats = self._extract(samples)[:, : min(MAX_FRAMES, len(samples) // HOP)]
        return found

    def encode(self, samples: Floats) -> Encoded:
        """Encode up to 30 s, on a window as short as the recogniser allows."""
        features = self.features(samples)
        width = min(MAX_FRAMES, max(MIN_FRAMES, features.shape[1] + MARGIN_FRAMES))
        handle = self._model.encode(padded(features, width), True)
        return Encoded(features, handle, np.array(handle)[0, : features.shape[1] // 2])

    def decode(self, encoded: Encoded) -> Decoding:
        """Decode greedily, without a prompt, and keep the statistics of every token."""
        found = self._model.generate(
            encoded.handle,
            [self._prompt],
            beam_size=1,
            max_length=int(SPARE_TOKENS + encoded.frames / 100 * TOKENS_PER_SECOND),
            no_repeat_ngram_size=6,
            return_scores=True,
            return_no_speech_prob=True,
            return_logits_vocab=True,
        )[0]
        ids = found.sequences_ids[0]
        followed = [*ids, *[self._tokenizer.eot] * (len(found.logits[0]) - len(ids))]
        rows = [_token(np.array(x), token) for x, token in zip(found.logits[0], followed, strict=True)]
        tokens = np.array(rows, np.float32).reshape(-1, 4)
        aligned = self._token_probabilities(encoded, ids)
        return Decoding(
            text=self._tokenizer.decode(ids).strip(),
            tokens=tokens,
            words=tuple(self._by_word(ids, tokens)),
            aligned=aligned,
            score=found.scores[0],
            no_speech=found.no_speech_prob,
            english=self._english(encoded),
        )

    def _english(self, encoded: Encoded) -> float:
        if encoded.frames < LANGUAGE_FROM_FRAMES:
            return 1.0
        return float(dict(self._model.detect_language(encoded.handle)[0])["<|en|>"])

    def word_log_probs(self, encoded: Encoded, text: str) -> list[float]:
        """Return the log-probability of the least likely token of each word of `text`, had it been said."""
        ids = self._tokenizer.encode(" " + text)
        rows = np.log(self._token_probabilities(encoded, ids) + 1e-5)[:, None]
        return [float(word[:, 0].min()) for word in self._by_word(ids, rows)]

    def _token_probabilities(self, encoded: Encoded, ids: list[int]) -> Floats:
        if not ids:
            return np.zeros(0, np.float32)
        found = self._model.align(encoded.handle, self._tokenizer.sot_sequence, [ids], encoded.frames)
        return np.array(found[0].text_token_probs[: len(ids)], np.float32)

    def _by_word(self, ids: list[int], rows: Floats) -> list[Floats]:
        """Group rows of tokens at leading spaces; tokens without a letter or digit are dropped."""
        found: list[list[Floats]] = []
        for token, row in zip(ids, rows, strict=False):
            piece = self._tokenizer.decode([token])
            if not re.search(r"\w", piece):
                continue
            if piece.startswith(" ") or not found:
                found.append([row])
            else:
                found[-1].append(row)
        return [np.array(word) for word in found]


def padded(features: Floats, width: int) -> Any:
    """Return features (bands, frames) as a batch of one, `width` frames wide, filled up with quiet."""
    import ctranslate2  # noqa: PLC0415 - heavy, off the event loop

    wide = np.full((features.shape[0], width), features.min(), np.float32)
    wide[:, : features.shape[1]] = features
    return ctranslate2.StorageView.from_array(wide[None])


def _token(logits: Floats, token: int) -> list[float]:
    shifted = np.maximum(logits - logits.max(), _LEAST)
    weight = np.exp(shifted)
    total = float(weight.sum())
    norm = float(np.log(total))
    entropy = norm - float(weight @ shifted) / total
    chosen, best = float(shifted[token]), int(logits.argmax())
    shifted[best] = _LEAST
    return [chosen - norm, entropy, -norm, float(shifted.max()) - norm]
