"""Whisper through CTranslate2, on windows as short as the audio allows.

The encoder normally computes 30 s whatever was said. Padding the features to max(10 s, audio + 2 s) instead
keeps the word error rate and costs a third; below 10 s Whisper repeats itself on accented speech.
"""

import math
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.adapters.local_speech.decoder import Transcript
from app.adapters.local_speech.plausibility import Decoding, was_spoken
from app.adapters.local_speech.second_thoughts import Reading, believed
from app.adapters.local_speech.word_confidence import AlignedWord, with_confidence
from app.adapters.local_speech.word_times import token_starts, words_of
from app.services.speech import SAMPLE_RATE

FILLER_PROMPT = "Um, uh, er, I I think, you know, he go, erm, hmm, like, so I, I mean."
"""Said before the audio, it keeps Whisper from tidying fillers, repetitions and learner grammar away."""

HOP = SAMPLE_RATE // 100
MIN_FRAMES = 1_000
MARGIN_FRAMES = 200
MAX_FRAMES = 3_000
MAX_TOKENS = 448
TOKENS_PER_SECOND = 8
SPARE_TOKENS = 16
RETRY_TEMPERATURE = 0.4


class WhisperDecoder:
    """A loaded model. Calls from several threads run side by side, as many as `workers`."""

    def __init__(self, model: str, *, workers: int, download_root: Path) -> None:
        """Load `model`, a folder or the name of a published model (fetched into `download_root`). Blocks.

        Raises what the library raises when it can neither find nor fetch the model.
        """
        from faster_whisper import WhisperModel  # noqa: PLC0415 - half a second, off the event loop
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415

        self._model: Any = WhisperModel(
            model,
            device="cpu",
            compute_type="int8",
            cpu_threads=1,
            num_workers=workers,
            download_root=str(download_root),
        )
        self._tokenizer: Any = Tokenizer(
            self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language="en"
        )
        self._plain: list[int] = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]
        self._verbatim: list[int] = [
            self._tokenizer.sot_prev,
            *self._tokenizer.encode(" " + FILLER_PROMPT),
            *self._plain,
        ]

    @property
    def model(self) -> Any:
        """The model, for others that read its states."""
        return self._model

    @property
    def tokenizer(self) -> Any:
        """Its tokenizer."""
        return self._tokenizer

    def sketch(self, pcm: bytes) -> Transcript:
        """Return one greedy decoding without the filler prompt, with word times."""
        features, frames = self._features(pcm)
        found = self._read(self._model.encode(features), frames, self._plain)
        return _transcript(found, heard=True)

    def transcribe(self, pcm: bytes, heard: bool) -> Transcript:
        """Return the best of up to three decodings; more than one only where the first is doubtful.

        The audio is encoded once. Where no voice was heard there is one decoding, and it must be sure.
        """
        features, frames = self._features(pcm)
        encoded = self._model.encode(features)
        best = self._read(encoded, frames, self._verbatim)
        if heard and best.doubtful:
            best = believed(best, self._read(encoded, frames, self._plain))
            if best.decoding.degenerate:
                again = self._read(encoded, frames, self._plain, temperature=RETRY_TEMPERATURE)
                best = max((best, again), key=lambda reading: reading.decoding.quality)
        return _transcript(best, heard=heard)

    def _features(self, pcm: bytes) -> tuple[npt.NDArray[np.float32], int]:
        """Return log-mel features (bands, padded frames) and how many of the frames hold audio."""
        samples = np.frombuffer(pcm, np.dtype("<i2")).astype(np.float32) / 32_768
        features: npt.NDArray[np.float32] = self._model.feature_extractor(samples)
        features = features[:, : min(MAX_FRAMES, len(samples) // HOP)]
        frames = features.shape[1]
        padded = min(MAX_FRAMES, max(MIN_FRAMES, frames + MARGIN_FRAMES))
        quiet = float(features.min())
        return np.pad(features, ((0, 0), (0, padded - frames)), constant_values=quiet), frames

    def _read(self, encoded: Any, frames: int, prompt: list[int], *, temperature: float = 0.0) -> Reading:
        decoding = self._decode(encoded, frames, prompt, temperature=temperature)
        return Reading(decoding, self._aligned(encoded, frames, decoding.tokens))

    def _decode(self, encoded: Any, frames: int, prompt: list[int], *, temperature: float = 0.0) -> Decoding:
        spoken = math.ceil(frames * HOP / SAMPLE_RATE * TOKENS_PER_SECOND) + SPARE_TOKENS
        sampling = {"sampling_topk": 0, "sampling_temperature": temperature} if temperature else {}
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=min(MAX_TOKENS, len(prompt) + spoken),
            no_repeat_ngram_size=6,
            return_scores=True,
            return_no_speech_prob=True,
            **sampling,
        )[0]
        tokens = tuple(takewhile(lambda token: token < self._tokenizer.eot, result.sequences_ids[0]))
        # The score is per token of the sequence; the end token it also covers is counted in, as Whisper does.
        length = len(result.sequences_ids[0])
        return Decoding(
            text=" ".join(self._tokenizer.decode(tokens).split()),
            tokens=tokens,
            mean_logprob=result.scores[0] * length / (length + 1),
            no_speech=result.no_speech_prob,
        )

    def _aligned(self, encoded: Any, frames: int, tokens: Sequence[int]) -> tuple[AlignedWord, ...]:
        """Align the tokens with the encoded audio (cross-attention and dynamic time warping)."""
        if not tokens:
            return ()
        found = self._model.model.align(encoded, self._tokenizer.sot_sequence, [list(tokens)], frames)[0]
        spelled, groups = self._tokenizer.split_tokens_on_unicode(list(tokens))
        return words_of(
            [(text, len(group)) for text, group in zip(spelled, groups, strict=True)],
            token_starts(found.alignments, len(tokens)),
            found.text_token_probs,
        )


def _transcript(found: Reading, *, heard: bool) -> Transcript:
    if not was_spoken(found.decoding, heard=heard):
        return Transcript()
    return Transcript(with_confidence(found.words), found.decoding.mean_logprob)
