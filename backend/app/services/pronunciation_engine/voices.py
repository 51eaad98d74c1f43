"""Whether a recording holds the voices of two people, one clearly higher than the other.

One speaker's pitch moves, but from one stretch of speech to the next its middle stays within a band without
holes. None of 238 recordings of one speaker of half a minute or a minute has such a hole (71 speakers of
speechocean762, train split, 14 years and older), and 74 % of those joined from a man's and a woman's speech
have one. Two voices of one height cannot be told apart by it: of those 13 % were found. It decides whether
the pitch is measured; whether the answer is scored, `learned.speakers` decides.
"""

import numpy as np

from app.services.pronunciation_engine.acoustics import Acoustics

STRETCH_FRAMES = 150
"""A second and a half of voice, pauses left out: enough for a median that one word does not move."""

MIN_STRETCHES = 2
"""A second voice must be heard at least that long; laughter and creaks are shorter."""

HOLE_OCTAVES = 0.3


def two_voices(acoustics: Acoustics) -> bool:
    """Say whether the stretches of voice fall into two groups of pitch with a hole between them."""
    octaves = np.log2(acoustics.pitch_hz[acoustics.pitch_hz > 0].astype(np.float64))
    count = octaves.size // STRETCH_FRAMES
    heights = np.sort(np.median(octaves[: count * STRETCH_FRAMES].reshape(count, STRETCH_FRAMES), axis=1))
    holes = np.diff(heights)[MIN_STRETCHES - 1 : max(0, count - MIN_STRETCHES)]
    return bool((holes > HOLE_OCTAVES).any())
