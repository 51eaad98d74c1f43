"""Filled pauses heard in the sound itself: recognisers leave many of them out.

A hesitation vowel or hum holds its pitch and its spectrum while a speaker searches for words (Goto, Itou &
Hayamizu 1999), and no word covers it. Vowels drawn out at the end of a word belong to that word and do not
count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from app.services.pronunciation_engine.acoustics import HOP_MS, Acoustics, centre_ms

MIN_MS = 200
MAX_SPECTRAL_CHANGE_DB = 4.3
"""Mean change of a band in 50 ms; running speech changes by 5 and more."""

MAX_PITCH_SPREAD_ST = 1.3
MAX_PITCH_SLOPE_ST_S = 12.0
MIN_LEVEL_DB = -12.0
"""Against the loud frames: a breath or the tail of a word is quieter."""

MIN_VOICED_SHARE = 0.85
MIN_GAP_SHARE = 0.5
"""Of the voice between two words: with more besides, it was speech that the recogniser missed."""

MIN_MEDIAN_PROBABILITY = 0.5
"""Below this so many words are misheard that sound without a word proves nothing."""

_HOLE_FRAMES = 3
_CHANGE_FRAMES = 5
_SHORTEST_STRETCH_FRAMES = 10

Source = Literal["text", "audio"]


@dataclass(frozen=True, slots=True)
class FilledPause:
    """A filled pause: `text` ones were recognised as a word, `audio` ones only heard."""

    start_ms: int
    end_ms: int
    source: Source


def find_filled_pauses(acoustics: Acoustics, covered: Sequence[tuple[int, int]]) -> tuple[FilledPause, ...]:
    """Return the filled pauses that lie between words.

    `covered` are the stretches that words take, fillers among them, in milliseconds from the first sample.
    """
    found: list[FilledPause] = []
    for gap_start, gap_end in _gaps(covered, acoustics.frames * HOP_MS):
        stretches = list(_voiced(acoustics, gap_start, gap_end))
        voiced = sum(end - start + 1 for start, end in stretches)
        held = [s for s in stretches if _is_held(acoustics, *s)]
        if sum(end - start + 1 for start, end in held) >= MIN_GAP_SHARE * voiced:
            found += [
                FilledPause(centre_ms(start) - HOP_MS // 2, centre_ms(end) + HOP_MS // 2, "audio")
                for start, end in held
            ]
    return tuple(found)


def _gaps(covered: Sequence[tuple[int, int]], end_ms: int) -> Iterator[tuple[int, int]]:
    """Yield the gaps between words; before the first and after the last there may be anything."""
    reached = None
    for start, end in sorted(covered):
        if reached is not None and start - reached >= MIN_MS:
            yield reached, min(start, end_ms)
        reached = end if reached is None else max(reached, end)


def _voiced(acoustics: Acoustics, start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """Yield first and last frame of each voiced stretch; holes of up to 30 ms do not end one."""
    first = max(0, (start_ms - centre_ms(0)) // HOP_MS)
    last = max(first, (end_ms - centre_ms(0)) // HOP_MS + 1)
    voiced = first + np.flatnonzero(acoustics.pitch_hz[first:last])
    if not voiced.size:
        return
    breaks = np.flatnonzero(np.diff(voiced) > _HOLE_FRAMES + 1)
    edges = [-1, *breaks.tolist(), voiced.size - 1]
    for before, at in pairwise(edges):
        if at - before >= _SHORTEST_STRETCH_FRAMES:
            yield int(voiced[before + 1]), int(voiced[at])


def _is_held(acoustics: Acoustics, first: int, last: int) -> bool:
    """Whether pitch and spectrum stand still for long enough, loud enough."""
    frames = slice(first, last + 1)
    length = last + 1 - first
    hertz = acoustics.pitch_hz[frames]
    voiced = np.flatnonzero(hertz)
    if length * HOP_MS < MIN_MS or voiced.size < MIN_VOICED_SHARE * length:
        return False
    if float(acoustics.level_db[frames].mean()) - acoustics.loud_db < MIN_LEVEL_DB:
        return False
    bands = acoustics.bands[frames]
    shape = bands - bands.mean(axis=1, keepdims=True)
    if float(np.abs(shape[_CHANGE_FRAMES:] - shape[:-_CHANGE_FRAMES]).mean()) > MAX_SPECTRAL_CHANGE_DB:
        return False
    # An octave error moves a frame by twelve semitones: only the place within the octave counts here.
    octaves = np.log2(hertz[voiced] / np.median(hertz[voiced]))
    semitones = 12 * (np.mod(octaves + 0.5, 1.0) - 0.5)
    slope = float(np.polyfit(voiced * HOP_MS / 1_000, semitones, 1)[0])
    return float(semitones.std()) <= MAX_PITCH_SPREAD_ST and abs(slope) <= MAX_PITCH_SLOPE_ST_S
