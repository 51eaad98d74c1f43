"""Sentences spoken by the product's own voice, and how well they were understood."""

import re

import numpy as np
import numpy.typing as npt
import soxr

from app.adapters.local_speech import SpeechModels

Samples = npt.NDArray[np.float32]

SENTENCES = (
    "I was born in a small town, but now I live in the capital with my parents.",
    "My favourite subject at school was geography, because our teacher told us many stories.",
    "In my free time I usually play football with my friends, or I watch films in English.",
    "Last summer we stayed in a small wooden house near a river.",
    "The weather was cold at night, however the view in the morning was beautiful.",
    "I think that living in a big city has some advantages, for example there are more jobs.",
    "On the other hand, the traffic is terrible, and the air is not clean.",
    "If I had more time, I would learn to play the piano, since music makes me feel calm.",
    "She always said that patience is the most important ingredient.",
    "In the future I want to study medicine abroad and then come back to my village.",
)


def say(models: SpeechModels, *texts: str, pause_ms: int = 0) -> bytes:
    """Return the texts as 16 kHz PCM16, each followed by a pause."""
    parts = []
    for text in texts:
        spoken = np.frombuffer(models.voice.speak(text), "<i2").astype(np.float32)
        parts += [soxr.resample(spoken, 24_000, 16_000), np.zeros(pause_ms * 16, np.float32)]
    return as_pcm(np.concatenate(parts) / 32_768)


def as_pcm(samples: Samples) -> bytes:
    """Return float samples as PCM16."""
    return np.round(np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()


def silence(ms: int) -> bytes:
    """Return digital silence."""
    return bytes(ms * 32)


def word_error_rate(said: str, understood: str) -> float:
    """Return the word error rate (edit distance over words said), ignoring case and punctuation."""
    reference, hypothesis = _plain(said), _plain(understood)
    row = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(hypothesis, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / len(reference)


def _plain(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower().replace("favourite", "favorite"))
