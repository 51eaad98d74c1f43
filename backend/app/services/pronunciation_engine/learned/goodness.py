"""Goodness of pronunciation: how well each expected phone is heard, and statistics of that over an utterance.

The posterior vectors and ratios follow Hu et al. (2015) and the inputs of GOPT (Gong et al., ICASSP 2022);
the phones come from a CTC model, so evidence is taken around each phone's peak instead of over a segment.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.services.pronunciation_engine.learned.alignment import least_frames, spans, viterbi
from app.services.pronunciation_engine.learned.distance import edit_distance
from app.services.pronunciation_engine.learned.inventory import BLANK, INDEX, IS_VOWEL, OTHER
from app.services.pronunciation_engine.learned.types import (
    FRAME_MS,
    VOICE_MS,
    ExpectedWord,
    Floats,
    Ints,
    Tracks,
)

_NEAR = 4
"""Frames either side of the peak that count as evidence for a phone."""


@dataclass(frozen=True, slots=True)
class PhoneSequence:
    """Expected phones of an utterance laid against the audio.

    `posteriors` (n, 41): highest log-posterior of each class near the phone. `measures` (n, 15), see
    `align`. `states`: encoder layer -> (n, 512) mean over the span. `path_score` is the alignment's.
    """

    ids: Ints
    word: Ints
    stress: Ints
    spans: Ints
    posteriors: Floats
    measures: Floats
    states: dict[str, Floats]
    path_score: float
    frames: int


def align(tracks: Tracks, words: tuple[ExpectedWord, ...]) -> PhoneSequence:
    """Lay the words' phones against the audio; ValueError when there is no phone to lay."""
    ids = np.array([INDEX[phone.name] for word in words for phone in word.phones], dtype=np.int64)
    if len(ids) == 0:
        raise ValueError("no phones to align: give at least one word with a pronunciation")
    word = np.array([index for index, item in enumerate(words) for _ in item.phones], dtype=np.int64)
    stress = np.array([phone.stress for item in words for phone in item.phones], dtype=np.int64)
    confidence = np.array([item.log_prob for item in words], dtype=np.float32)[word]
    log_probs = tracks.posteriors
    if len(log_probs) < least_frames(ids):
        log_probs = np.repeat(log_probs, -(-least_frames(ids) // max(len(log_probs), 1)), axis=0)
    path, score = viterbi(log_probs, ids)
    bounds = spans(path, log_probs, ids)
    posteriors, measures = _evidence(tracks, log_probs, path, bounds, ids)
    states = {name: _span_means(track, bounds) for name, track in tracks.states.items()}
    return PhoneSequence(
        ids,
        word,
        stress,
        bounds,
        posteriors,
        np.column_stack([measures, confidence]),
        states,
        score,
        len(log_probs),
    )


def _span_means(track: Floats, bounds: Ints) -> Floats:
    means = np.empty((len(bounds), track.shape[1]), dtype=np.float32)
    for index, (_, start, end) in enumerate(bounds):
        means[index] = (track[start:end] if start < len(track) else track[-1:]).mean(axis=0)
    return means


def _evidence(
    tracks: Tracks, log_probs: Floats, path: Ints, bounds: Ints, ids: Ints
) -> tuple[Floats, Floats]:
    probs = np.exp(log_probs)
    energy, voicing = tracks.energy_db, tracks.voicing
    loud = np.percentile(energy, 90)
    posteriors = np.zeros((len(ids), log_probs.shape[1]), dtype=np.float32)
    measures = np.zeros((len(ids), 14), dtype=np.float32)
    for index, (peak, start, end) in enumerate(bounds):
        target = ids[index]
        rivals = np.delete(np.arange(OTHER + 1), target)
        near = log_probs[max(start, peak - _NEAR) : min(end, peak + _NEAR + 1)]
        top = near.max(axis=0)
        posteriors[index] = top
        sounded = probs[start:end, : OTHER + 1].sum(axis=1)
        share = (probs[start:end, target]).sum() / max(float(sounded.sum()), 1e-9)
        inside = start < len(energy)
        measures[index] = (
            top[target],
            top[target] - top[rivals].max(),
            log_probs[peak, target],
            log_probs[peak, target] - log_probs[peak, rivals].max(),
            np.log(share + 1e-4),
            near[:, BLANK].min(),
            (path[start:end] == 2 * index + 1).sum(),
            (end - start) / 10,
            (peak - (bounds[index - 1, 0] if index else 0)) / 20,
            ((bounds[index + 1, 0] if index + 1 < len(ids) else len(log_probs)) - peak) / 20,
            (energy[start:end].mean() - loud) / 10 if inside else -3,
            voicing[start:end].mean() if inside else 0,
            probs[start:end, OTHER].max(),
            (top[:OTHER] > -2).sum() / 3,
        )
    return posteriors, measures


def statistics(sequence: PhoneSequence, posteriors: Floats) -> list[float]:
    """25 numbers: spread of three goodness measures, path against free score, vowels and consonants apart."""
    ratio = sequence.measures[:, 1]
    found: list[Any] = []
    for values in (ratio, sequence.measures[:, 0], sequence.measures[:, 4]):
        found += [values.mean(), values.std(), np.percentile(values, 10), np.percentile(values, 25)]
        found += [values.min(), (values < -1).mean(), (values < -3).mean()]
    lost = sequence.path_score - float(posteriors.max(axis=1).sum()) * sequence.frames / len(posteriors)
    vowel = IS_VOWEL[sequence.ids]
    found += [lost / sequence.frames, lost / len(sequence.ids)]
    found += [ratio[kind].mean() if kind.any() else 0.0 for kind in (vowel, ~vowel)]
    return [float(value) for value in found]


def rhythm(sequence: PhoneSequence, voice: Floats) -> list[float]:
    """15 numbers on rate and timing of the phones; spoken time is taken from voice activity."""
    spoken = max(float((voice > 0.5).sum()) * VOICE_MS / FRAME_MS, 5)
    gaps = np.diff(sequence.spans[:, 0]) if len(sequence.ids) > 1 else np.array([5])
    lengths = (sequence.spans[:, 2] - sequence.spans[:, 1]).astype(float)
    vowel = IS_VOWEL[sequence.ids]
    paced = lengths[vowel] if vowel.sum() > 1 else lengths
    variability = np.mean(np.abs(np.diff(paced)) / ((paced[1:] + paced[:-1]) / 2)) if len(paced) > 1 else 0.0
    phones, total = len(sequence.ids), max(int(sequence.spans[-1, 2] - sequence.spans[0, 1]), 1)
    wait = np.log(gaps + 1)
    found = [phones / total * 5, phones / spoken * 5, vowel.sum() / total * 10, vowel.sum() / spoken * 10]
    found += [wait.mean(), wait.std(), np.percentile(gaps, 90) / 10, gaps.max() / 20]
    found += [(gaps > 12).mean(), (gaps > 20).mean(), np.log(1 + (gaps > 15).sum()), variability]
    return [
        float(value)
        for value in (*found, np.log(lengths + 0.5).std(), np.log(phones), np.log(1 + total / 50))
    ]


def freely_heard(posteriors: Floats) -> tuple[list[int], list[float]]:
    """Phones heard without any text, and 8 numbers on how sure the phone model was of them."""
    probs = np.exp(posteriors)
    sounded = 1 - probs[:, BLANK]
    frames = sounded > 0.5
    best = posteriors.argmax(axis=1)
    heard = [int(x) for at, x in enumerate(best) if x < OTHER and (at == 0 or best[at - 1] != x)]
    kept = probs[frames, : OTHER + 1] if frames.any() else probs[:1, : OTHER + 1]
    kept = kept / kept.sum(axis=1, keepdims=True)
    entropy = -(kept * np.log(kept + 1e-6)).sum(axis=1)
    top = kept.max(axis=1)
    found = [
        entropy.mean(),
        entropy.std(),
        top.mean(),
        (top < 0.6).mean(),
        kept[:, OTHER].mean(),
        frames.mean(),
    ]
    found += [len(heard) / len(posteriors) * 5, (sounded * (1 - sounded)).mean()]
    return heard, [float(value) for value in found]


def disagreement(heard: list[int], ids: Ints) -> list[float]:
    """Edit distance of the phones heard freely from those expected, per expected phone; and their ratio."""
    return [edit_distance(heard, list(ids)) / len(ids), len(heard) / len(ids)]
