"""Whether a decoded text was spoken at all: Whisper writes words into silence and noise.

Thresholds were set on silence, white and brown noise, hum, clicks, typing and breath (1-28 s, with the filler
prompt: mean log-probability -1.0 to -2.4) against clean and noisy speech down to 0 dB (-0.8 and better).
"""

import zlib
from dataclasses import dataclass

REPETITIVE = 2.4
"""Compression ratio above which a text loops (Radford et al. 2022, section 4.5)."""

UNSURE_LOGPROB = -1.0
"""Mean log-probability below which a decoding deserves another try (ibid.)."""

SILENT_PROBABILITY = 0.6
"""Probability of the no-speech token above which an unsure decoding is silence (ibid.)."""

HOPELESS_LOGPROB = -1.6
"""Below this, what was decoded from a detected voice (a cough, laughter) is not words."""

UNHEARD_LOGPROB = -0.7
"""Where no voice was detected, only a decoding at least this sure counts."""

_MARKS = '.,!?;:"…-'

_SUBTITLES = frozenset(
    {
        "thanks for watching",
        "thank you for watching",
        "thank you very much for watching",
        "please subscribe",
        "please subscribe to my channel",
        "subtitles by the amara org community",
        "like and subscribe",
    }
)
"""What subtitles say where nobody speaks; no answer of an exam."""

_SUSPECT = frozenset({"you", "thank you", "thank you very much", "bye", "bye bye", "i", "the", "so", "okay"})
"""What Whisper likes to write into silence, but a learner may say as well."""

_SUSPECT_SILENCE = 0.3


@dataclass(frozen=True, slots=True)
class Decoding:
    """A decoded text and the decoder's own view of it.

    `mean_logprob` is the mean log-probability of a token (<= 0); `no_speech` the probability (0-1) that
    nobody speaks.
    """

    text: str
    tokens: tuple[int, ...]
    mean_logprob: float
    no_speech: float

    @property
    def repetitive(self) -> bool:
        """Whether the text repeats itself as only a stuck decoder does."""
        data = self.text.encode()
        return bool(data) and len(data) / len(zlib.compress(data)) > REPETITIVE

    @property
    def silent(self) -> bool:
        """Whether decoder and no-speech token agree that nobody speaks."""
        return self.no_speech > SILENT_PROBABILITY and self.mean_logprob < UNSURE_LOGPROB

    @property
    def degenerate(self) -> bool:
        """Whether decoding again in another way may do better."""
        return not self.silent and (self.repetitive or self.mean_logprob < UNSURE_LOGPROB)

    @property
    def quality(self) -> tuple[bool, float]:
        """Higher is better."""
        return not self.repetitive, self.mean_logprob


def was_spoken(decoding: Decoding, *, heard: bool) -> bool:
    """Whether to believe `decoding`. `heard` says that voice activity was detected in the audio."""
    plain = " ".join("".join(c if c.isalnum() else " " for c in decoding.text.lower()).split())
    if not plain or decoding.silent or plain in _SUBTITLES:
        return False
    if not heard:
        return decoding.mean_logprob >= UNHEARD_LOGPROB and decoding.no_speech < _SUSPECT_SILENCE
    if plain in _SUSPECT and decoding.no_speech > _SUSPECT_SILENCE:
        return False
    return decoding.mean_logprob >= HOPELESS_LOGPROB
