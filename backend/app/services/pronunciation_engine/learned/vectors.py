"""From tracks and words to the two inputs of the scorer: a row per phone and one vector per utterance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.services.pronunciation_engine.learned import confidence, goodness
from app.services.pronunciation_engine.learned.distance import edit_distance
from app.services.pronunciation_engine.learned.goodness import PhoneSequence
from app.services.pronunciation_engine.learned.inventory import INDEX
from app.services.pronunciation_engine.learned.types import ExpectedWord, Floats, Tracks

LAYERS = ("L2", "L4", "L6")
"""Encoder layers used: after the second, the fourth and the last block."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One utterance laid against one text: the phones, the whole-utterance numbers and the pooled states.

    `numbers` is (72,) without a reference text and (81,) with one; `pooled` maps a layer to (1536,):
    mean, spread and mean absolute frame difference over speech.
    """

    phones: PhoneSequence
    numbers: Floats
    pooled: dict[str, Floats]


def is_speech(frames: int, voice: Floats) -> NDArray[np.bool_]:
    """Say of each frame whether voice activity, which has windows of its own, hears speech."""
    if not len(voice):
        return np.ones(frames, dtype=bool)
    found: NDArray[np.bool_] = np.interp(np.arange(frames), np.arange(len(voice)) * 1.6 + 0.8, voice) > 0.5
    return found


def pool(states: Floats, voice: Floats) -> Floats:
    """Mean, spread and mean absolute difference of the frames that are speech: (3 x width,)."""
    speech = is_speech(len(states), voice)
    if speech.sum() < 5:
        speech[:] = True
    kept = states[speech]
    return np.concatenate([kept.mean(0), kept.std(0), np.abs(np.diff(kept, axis=0)).mean(0)]).astype(
        np.float32
    )


def read(
    tracks: Tracks, words: tuple[ExpectedWord, ...], against: tuple[ExpectedWord, ...] | None = None
) -> Reading:
    """Lay the recognised `words` against the audio, or a reference text `against`.

    Raises ValueError when there is no phone to align.
    """
    target = words if against is None else against
    phones = goodness.align(tracks, target)
    heard, free = goodness.freely_heard(tracks.posteriors)
    numbers = free + confidence.measures(tracks.decoding, tracks.duration_s)
    numbers += goodness.statistics(phones, tracks.posteriors) + goodness.rhythm(phones, tracks.voice)
    numbers += goodness.disagreement(heard, phones.ids)
    if against is not None:
        numbers += _against_reference(words, against, phones)
    pooled = {name: pool(tracks.states[name], tracks.voice) for name in LAYERS}
    return Reading(phones, np.nan_to_num(np.array(numbers, dtype=np.float32)), pooled)


def _against_reference(
    heard: tuple[ExpectedWord, ...], expected: tuple[ExpectedWord, ...], phones: PhoneSequence
) -> list[float]:
    """Nine numbers: distance of what was heard from the reference, and its probability."""
    vocabulary: dict[str, int] = {}

    def coded(words: tuple[ExpectedWord, ...]) -> list[int]:
        return [vocabulary.setdefault(word.text.lower(), len(vocabulary)) for word in words]

    recognised = [INDEX[phone.name] for word in heard for phone in word.phones]
    log_prob = np.array([word.log_prob for word in expected])
    prob = np.exp(log_prob)
    found = [
        edit_distance(coded(heard), coded(expected)) / len(expected),
        edit_distance(recognised, list(phones.ids)) / len(phones.ids),
        log_prob.mean(), log_prob.min(), prob.mean(), (prob < 0.5).mean(), (prob < 0.2).mean(),
        np.percentile(log_prob, 25), log_prob.std(),
    ]  # fmt: skip
    return [float(value) for value in found]
