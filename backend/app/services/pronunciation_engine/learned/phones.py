"""From scores of phones to words with expected and heard phones, and to possible slips in free speech."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.services.pronunciation_engine.learned.goodness import PhoneSequence
from app.services.pronunciation_engine.learned.inventory import OTHER, PHONES
from app.services.pronunciation_engine.learned.results import (
    ErrorType,
    PhoneResult,
    PossibleSlip,
    WordResult,
)
from app.services.pronunciation_engine.learned.types import FRAME_MS, ExpectedWord, Floats, Heard, RawScores

MISPRONOUNCED_BELOW = 60.0
"""Word accuracy below which the field calls a word mispronounced."""

UNHEARD_LOGPROB = -2.3
"""A word that the recogniser left out, and gives less than one chance in ten, was left out."""

SURE_LOGPROB = -0.2
"""Only words recognised with a probability above .8 are looked at in free speech."""

MIN_WORD_PHONES = 3
WEAK_FORMS = frozenset({
    "a", "an", "and", "am", "are", "as", "at", "be", "been", "but", "can", "could", "did", "do", "does",
    "for", "from", "had", "has", "have", "he", "her", "him", "his", "i", "if", "in", "is", "it", "its",
    "just", "me", "must", "my", "not", "of", "on", "one", "or", "our", "shall", "she", "should", "so",
    "some", "than", "that", "the", "their", "them", "then", "there", "they", "this", "to", "us", "was",
    "we", "were", "what", "when", "who", "will", "with", "would", "you", "your",
})  # fmt: skip
"""Words that weaken in connected speech: judging them against a dictionary is unfair."""

_UNJUDGED = frozenset({"AH", "IH", "HH", "T", "D", "R"})
"""Sounds that native speakers reduce, flap or drop in many words; and r, which half of them do not sound."""


def word_results(heard: Heard, phones: PhoneSequence, raw: RawScores) -> tuple[WordResult, ...]:
    """Return the reference's words with their phones."""
    spoken = _kept([w.text for w in heard.reference], [w.text for w in heard.words])
    return tuple(
        _word(at, word, phones, raw, said=said)
        for at, (word, said) in enumerate(zip(heard.reference, spoken, strict=True))
    )


def _word(at: int, word: ExpectedWord, phones: PhoneSequence, raw: RawScores, *, said: bool) -> WordResult:
    score = round(float(raw.words[at]) * 10, 1)
    found = [phone_result(int(place), phones, raw) for place in np.flatnonzero(phones.word == at)]
    if not said and word.log_prob < UNHEARD_LOGPROB:
        silent = tuple(PhoneResult(p.phone, p.accuracy_score, None, None, None) for p in found)
        return WordResult(word.text, score, "Omission", None, None, silent)
    error: ErrorType = "Mispronunciation" if score < MISPRONOUNCED_BELOW else "None"
    return WordResult(word.text, score, error, found[0].start_ms, found[-1].end_ms, tuple(found))


def phone_result(at: int, phones: PhoneSequence, raw: RawScores, offset_ms: int = 0) -> PhoneResult:
    """Return the judgement of one phone of a sequence that begins at `offset_ms`."""
    _, start, end = (int(frame) * FRAME_MS for frame in raw.spans[at])
    nearest = int(phones.posteriors[at, :OTHER].argmax())
    return PhoneResult(
        phone=PHONES[int(phones.ids[at])],
        accuracy_score=round(float(raw.phones[at]) * 50, 1),
        sound_most_like=PHONES[nearest],
        start_ms=offset_ms + start,
        end_ms=offset_ms + end,
    )


def possible_slips(
    heard: Heard, phones: PhoneSequence, raw: RawScores, usual: Mapping[str, Floats], offset_ms: int
) -> tuple[PossibleSlip, ...]:
    """Return phones that were probably not the expected ones, in words that were certainly these words.

    `usual["phone_floor"]` (39,) holds for each phone the score that all but a few of the well-rated phones of
    its kind exceed: some sounds score lower than others however well they are said.
    """
    if not heard.exact:
        return ()
    floor = usual["phone_floor"]
    found = []
    for at, (phone, word) in enumerate(zip(phones.ids, phones.word, strict=True)):
        name, spoken = PHONES[int(phone)], heard.words[int(word)]
        if name in _UNJUDGED or not _judged(spoken) or float(raw.phones[at]) >= float(floor[phone]):
            continue
        result = phone_result(at, phones, raw, offset_ms)
        if result.sound_most_like != name:
            found.append(PossibleSlip(spoken.text, result))
    return tuple(found)


def _judged(word: ExpectedWord) -> bool:
    return (
        word.log_prob >= SURE_LOGPROB
        and len(word.phones) >= MIN_WORD_PHONES
        and word.text.lower() not in WEAK_FORMS
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
