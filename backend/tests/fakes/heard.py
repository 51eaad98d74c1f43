"""Heard speech made by hand: phone posteriors that say each expected phone clearly, and ears that play it."""

from collections.abc import Callable, Sequence

import numpy as np

from app.services.pronunciation_engine.learned import (
    Decoding,
    ExpectedWord,
    Floats,
    Heard,
    Phone,
    Reference,
    Steps,
    Tracks,
)
from app.services.pronunciation_engine.learned.inventory import BLANK, CLASSES, INDEX, VOWELS
from app.services.speech import SAMPLE_RATE

FRAMES_PER_PHONE = 5
SOUNDS = {"the": "DH AH", "red": "R EH D", "think": "TH IH NG K", "sink": "S IH NG K", "paper": "P EY P ER"}


def word(text: str, log_prob: float = -0.05) -> ExpectedWord:
    """A word of SOUNDS."""
    phones = tuple(Phone(name, int(name in VOWELS)) for name in SOUNDS[text].split())
    return ExpectedWord(text, phones, log_prob)


def tracks(
    phones: Sequence[str], *, voice: float = 0.9, english: float = 0.9, score: float = -0.3, seed: int = 0
) -> Tracks:
    """Tracks in which `phones` are heard one after the other, 100 ms each."""
    frames = FRAMES_PER_PHONE * max(1, len(phones))
    probs = np.full((frames, CLASSES), 0.001)
    probs[:, BLANK] = 0.9
    for at, name in enumerate(phones):
        probs[at * FRAMES_PER_PHONE + 2, [BLANK, INDEX[name]]] = 0.02, 0.9
    rng = np.random.default_rng(seed)
    states: dict[str, Floats] = {
        name: rng.standard_normal((frames, 512)).astype(np.float32) for name in ("L2", "L4", "L6")
    }
    row = np.array([[-0.1, 0.3, -0.1, -3.0]], np.float32)
    duration = frames * 0.02
    return Tracks(
        duration_s=duration,
        states=states,
        posteriors=np.log(probs / probs.sum(axis=1, keepdims=True)).astype(np.float32),
        voice=np.full(int(duration / 0.032), voice, np.float32),
        voicing=np.full(frames, 0.7, np.float32),
        energy_db=np.full(frames, -25.0, np.float32),
        decoding=Decoding("words", row, (row[:1],), np.array([0.9], np.float32), score, 0.02, english),
    )


def heard(
    words: Sequence[ExpectedWord],
    *,
    said: Sequence[str] | None = None,
    reference: Reference = (),
    **more: float,
) -> Heard:
    """Speech in which `words` were recognised; `said` are the phones that sounded, else those expected."""
    phones = [phone.name for item in words for phone in item.phones]
    found = tracks(said if said is not None else phones, **more)  # type: ignore[arg-type]
    recognised = {item.text for item in words}
    given = tuple(
        ExpectedWord(text, phones, -0.1 if text in recognised else -4.0) for text, phones in reference
    )
    return Heard(found, tuple(words), reference=given)


class ScriptedEars:
    """Ears that hear what `script(seconds, reference)` says, and keep the lengths they listened to."""

    def __init__(self, script: Callable[[float, Reference], Heard]) -> None:
        self._script = script
        self.listened: list[float] = []

    def hear(self, samples: Floats, reference: Reference = ()) -> Steps[Heard]:
        yield
        seconds = len(samples) / SAMPLE_RATE
        self.listened.append(seconds)
        return self._script(seconds, reference)

    def pronounce(self, text: str) -> tuple[ExpectedWord, ...]:
        return tuple(word(item) for item in text.lower().split() if item in SOUNDS)
