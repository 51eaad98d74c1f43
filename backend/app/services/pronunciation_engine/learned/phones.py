"""From scores of phones to words with expected and heard phones."""

from collections.abc import Mapping, Sequence
from math import exp

import numpy as np

from app.services.pronunciation_engine.learned.goodness import PhoneSequence
from app.services.pronunciation_engine.learned.inventory import IPA, OTHER, PHONES
from app.services.pronunciation_engine.learned.results import ErrorType, WordResult
from app.services.pronunciation_engine.learned.types import FRAME_MS, ExpectedWord, Floats, Heard, RawScores
from app.services.pronunciation_engine.phones import PhoneScore, WordPhones

MISPRONOUNCED_BELOW = 60.0
"""Accuracy below which the field calls a word mispronounced; phones of free speech are scaled to it too."""

UNHEARD_LOGPROB = -2.3
"""A word that the recogniser left out, and gives less than one chance in ten, was left out."""

_PHONE_SCALE, _WORD_SCALE = 50.0, 10.0


def read_words(heard: Heard, phones: PhoneSequence, raw: RawScores) -> tuple[WordResult, ...]:
    """Return the reference's words with their phones."""
    kept = _kept([w.text for w in heard.reference], [w.text for w in heard.words])
    return tuple(
        _read_word(at, word, phones, raw, left_out=not said and word.log_prob < UNHEARD_LOGPROB)
        for at, (word, said) in enumerate(zip(heard.reference, kept, strict=True))
    )


def _read_word(
    at: int, word: ExpectedWord, phones: PhoneSequence, raw: RawScores, *, left_out: bool
) -> WordResult:
    found = _phones_of(at, phones, raw.phones * _PHONE_SCALE, 0)
    score = round(float(raw.words[at]) * _WORD_SCALE, 1)
    start_ms, end_ms = found[0].start_ms, found[-1].end_ms
    if left_out:
        silent = tuple(PhoneScore(p.phone, "", p.accuracy_score, start_ms, start_ms) for p in found)
        return WordResult(word.text, score, "Omission", start_ms, start_ms, silent)
    error: ErrorType = "Mispronunciation" if score < MISPRONOUNCED_BELOW else "None"
    return WordResult(word.text, score, error, start_ms, end_ms, found)


def spoken_words(
    heard: Heard, phones: PhoneSequence, raw: RawScores, floors: Floats, offset_ms: int
) -> tuple[WordPhones, ...]:
    """Return the recognised words with their phones; times count from `offset_ms` before the sound.

    `floors` (39,) holds for each phone the score that all but a few of the well-rated phones of its kind
    exceed: some sounds score lower than others however well they are said. A phone at its floor gets 60.
    """
    scores = np.clip((raw.phones - floors[phones.ids]) * _PHONE_SCALE + MISPRONOUNCED_BELOW, 0, 100)
    found = []
    for at, word in enumerate(heard.words):
        sounds = _phones_of(at, phones, scores, offset_ms)
        probability = round(min(1.0, exp(word.log_prob)), 3) if heard.exact else 0.0
        found.append(WordPhones(word.text, sounds[0].start_ms, sounds[-1].end_ms, probability, sounds))
    return tuple(found)


def confusion_rates(confused: Floats) -> Mapping[tuple[str, str], float]:
    """Name the cells of (39, 39), expected by heard: how often well-said phones look like another one."""
    return {
        (IPA[PHONES[expected]], IPA[PHONES[heard]]): float(confused[expected, heard])
        for expected, heard in np.argwhere(confused > 0)
    }


def _phones_of(at: int, phones: PhoneSequence, scores: Floats, offset_ms: int) -> tuple[PhoneScore, ...]:
    nearest = phones.posteriors[:, :OTHER].argmax(axis=1)
    return tuple(
        PhoneScore(
            phone=IPA[PHONES[int(phones.ids[place])]],
            sound_most_like=IPA[PHONES[int(nearest[place])]],
            accuracy_score=round(float(scores[place]), 1),
            start_ms=offset_ms + int(phones.spans[place, 1]) * FRAME_MS,
            end_ms=offset_ms + int(phones.spans[place, 2]) * FRAME_MS,
        )
        for place in np.flatnonzero(phones.word == at)
    )


def _kept(expected: Sequence[str], heard: Sequence[str]) -> list[bool]:
    """Whether each expected word has a counterpart, the same or another, on a cheapest edit path."""
    left, right = [w.lower() for w in expected], [w.lower() for w in heard]
    cost = np.zeros((len(left) + 1, len(right) + 1), dtype=np.int64)
    cost[:, 0], cost[0] = np.arange(len(left) + 1), np.arange(len(right) + 1)
    for i, word in enumerate(left, 1):
        for j, other in enumerate(right, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (word != other))
    kept = [False] * len(left)
    i, j = len(left), len(right)
    while i and j:
        if cost[i, j] == cost[i - 1, j - 1] + (left[i - 1] != right[j - 1]):
            kept[i - 1] = True
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return kept
