"""The models that listen for the learned pronunciation scores: implements Ears."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.adapters.local_speech.hama_phones import HamaPhones
from app.adapters.local_speech.hibari_lexicon import HibariLexicon
from app.adapters.local_speech.shallow_encoders import load_shallow
from app.adapters.local_speech.vad import SileroModel, SileroStream
from app.adapters.local_speech.whisper import WhisperDecoder
from app.adapters.local_speech.whisper_states import Encoded, WhisperStates, padded
from app.adapters.local_speech.whisper_weights import ensure_whisper_base
from app.services.pronunciation_engine.learned import (
    LONGEST_S,
    ExpectedWord,
    Floats,
    Heard,
    Phone,
    Reference,
    Steps,
    Tracks,
)
from app.services.pronunciation_engine.learned.signal import energy_db, levelled, voicing
from app.services.pronunciation_engine.learned.speakers import voiced_frames
from app.services.speech import SAMPLE_RATE

DEPTHS = (2, 4)
"""Encoder layers read besides the last one."""

_SHALLOW_MARGIN = 60
_UNKNOWN_LOGPROB = -5.0


class LocalEars:
    """Whisper-base, hama, Silero and hibari's dictionary. Safe to call from several threads."""

    def __init__(self, whisper: WhisperDecoder, folder: Path, activity: SileroModel) -> None:
        """Load what is not loaded yet; `folder` holds the weights that `whisper` has read. Blocks for 2 s."""
        self._whisper = WhisperStates(whisper)
        self._shallow = load_shallow(folder, DEPTHS)
        self._activity = activity
        self._phones = HamaPhones()
        self._lexicon = HibariLexicon()

    def hear(self, samples: Floats, reference: Reference = ()) -> Steps[Heard]:
        """Listen to 16 kHz mono samples, one model after the other.

        Raises ValueError for less than 0.1 s or more than 29 s.
        """
        if not SAMPLE_RATE // 10 <= len(samples) <= LONGEST_S * SAMPLE_RATE:
            raise ValueError(f"{len(samples) / SAMPLE_RATE:.2f} s of sound: give 0.1 to {LONGEST_S:.0f} s")
        level = levelled(samples)
        encoded = self._whisper.encode(level)
        yield
        decoding = self._whisper.decode(encoded)
        yield
        states = {f"L{depth}": self._early_states(encoded.features, depth) for depth in DEPTHS}
        states["L6"] = encoded.states
        yield
        posteriors = self._phones.posteriors(level)
        yield
        tracks = Tracks(
            duration_s=len(level) / SAMPLE_RATE,
            states=states,
            posteriors=posteriors,
            voice=self._voice(level),
            voicing=voicing(level),
            energy_db=energy_db(level),
            decoding=decoding,
        )
        recognised = self._lexicon.words(decoding.text)
        sure = [float(rows[:, 0].min()) for rows in decoding.words]
        return Heard(
            tracks,
            _joined(recognised, sure),
            exact=len(recognised) == len(sure),
            reference=self._judged(encoded, reference),
        )

    def voiced_frames(self, samples: Floats) -> Floats:
        """Return the early states that tell speakers apart, (n, 512), at a tenth of the cost of `hear`."""
        level = levelled(samples)
        states = self._early_states(self._whisper.features(level), DEPTHS[0])
        return voiced_frames(states, self._voice(level), voicing(level))

    def pronounce(self, text: str) -> tuple[ExpectedWord, ...]:
        """Return the words of `text` as the dictionary pronounces them."""
        return tuple(ExpectedWord(word, phones) for word, phones in self._lexicon.words(text))

    def _judged(self, encoded: Encoded, reference: Reference) -> tuple[ExpectedWord, ...]:
        if not reference:
            return ()
        return _joined(reference, self._whisper.word_log_probs(encoded, sentence(reference)))

    def _early_states(self, features: Floats, depth: int) -> Floats:
        frames = features.shape[1]
        given = padded(features, min(3_000, frames + _SHALLOW_MARGIN))
        states: Floats = np.array(self._shallow[depth].encode(given, True))[0, : frames // 2]
        return states

    def _voice(self, level: Floats) -> Floats:
        return np.array(SileroStream(self._activity).hear(level), np.float32)


def sentence(reference: Reference) -> str:
    """Write words as the recogniser would: lower case but for the first letter and `I`, a full stop."""
    text = " ".join(word for word, _ in reference).lower().capitalize() + "."
    return text.replace(" i ", " I ").replace(" i'", " I'")


def _joined(
    words: Sequence[tuple[str, tuple[Phone, ...]]], log_probs: Sequence[float]
) -> tuple[ExpectedWord, ...]:
    """Give each word its log-probability; where the counts differ they are spread by position."""
    given: Any = log_probs
    if len(log_probs) != len(words):
        known = log_probs or [_UNKNOWN_LOGPROB]
        given = np.interp(np.linspace(0, 1, len(words)), np.linspace(0, 1, len(known)), known)
    return tuple(
        ExpectedWord(word, phones, float(log_prob))
        for (word, phones), log_prob in zip(words, given, strict=True)
    )


def load_ears(models_dir: Path, whisper: WhisperDecoder | None, activity: SileroModel | None) -> LocalEars:
    """Load the ears; a recogniser of the base size and a voice activity model in use already are shared.

    `models_dir` keeps the joined weights. Blocks for 2-4 s. Raises what the models raise.
    """
    folder = ensure_whisper_base(models_dir / "whisper-base")
    shared = whisper or WhisperDecoder(str(folder), workers=1, download_root=models_dir)
    return LocalEars(shared, folder, activity or SileroModel())
