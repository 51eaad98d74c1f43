"""From aligned tokens to words with times and probabilities. Pure."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from app.adapters.local_speech.word_confidence import AlignedWord
from app.services.speech import Word

MS_PER_STEP = 20
"""One step of Whisper's encoder output."""

MIN_WORD_MS = 20


def token_starts(alignment: Sequence[tuple[int, int]], tokens: int) -> list[int]:
    """Return where each of `tokens` text tokens begins, and the last one ends, in milliseconds.

    `alignment` pairs token indices (0 to `tokens`, the end token) with encoder steps, in order.
    """
    starts: dict[int, int] = {}
    for token, step in alignment:
        starts.setdefault(token, step * MS_PER_STEP)
    last = max((step for _, step in alignment), default=0) * MS_PER_STEP
    ends = [starts.get(token, last) for token in range(tokens + 1)]
    return list(accumulate(ends, max))


def words_of(
    subwords: Sequence[tuple[str, int]], starts: Sequence[int], probabilities: Sequence[float]
) -> tuple[AlignedWord, ...]:
    """Group subwords into words as spaces part them; times count from the start of the audio.

    A subword is its text, with the space before it, and how many tokens spell it; `starts` comes from
    `token_starts`, `probabilities` holds one per token. Punctuation belongs to the word's text, but lends
    it neither time nor probability; on its own it is no word.
    """
    words: list[AlignedWord] = []
    group: list[tuple[str, int, int]] = []
    position = 0
    for text, tokens in subwords:
        if text.startswith(" ") and group:
            words += _word(group, starts, probabilities)
            group = []
        group.append((text, position, position + tokens))
        position += tokens
    return (*words, *_word(group, starts, probabilities))


def _word(
    group: Sequence[tuple[str, int, int]], starts: Sequence[int], probabilities: Sequence[float]
) -> list[AlignedWord]:
    text = "".join("".join(subword for subword, _, _ in group).split())
    spoken = [(first, end) for subword, first, end in group if any(c.isalnum() for c in subword)]
    if not spoken:
        return []
    chances = tuple(probabilities[i] for first, end in spoken for i in range(first, end))
    return [AlignedWord(text, starts[spoken[0][0]], starts[spoken[-1][1]], chances)]


def placed(
    words: Sequence[Word],
    *,
    offset_ms: int,
    start_ms: int,
    end_ms: int,
    pauses: Sequence[tuple[int, int]] = (),
) -> tuple[Word, ...]:
    """Move `words` by `offset_ms` into session time, in order and without overlap within [start_ms, end_ms].

    Alignment stretches a word next to a pause across it; such a word is kept to the side on which more of it
    lies. Every word lasts at least 20 ms where the stretch has room for that.
    """
    moved = [_beside(word.start_ms + offset_ms, word.end_ms + offset_ms, pauses) for word in words]
    least = min(MIN_WORD_MS, (end_ms - start_ms) // max(1, len(words)))
    starts: list[int] = []
    floor = start_ms
    for i, (start, _) in enumerate(moved):
        floor = min(max(start, floor), end_ms - least * (len(words) - i))
        starts.append(floor)
        floor += least
    return tuple(
        Word(word.text, start, max(start + least, min(end, following)), word.probability)
        for word, (_, end), (start, following) in zip(words, moved, pairwise([*starts, end_ms]), strict=True)
    )


def _beside(start_ms: int, end_ms: int, pauses: Sequence[tuple[int, int]]) -> tuple[int, int]:
    for silent_ms, voiced_ms in pauses:
        before, after = silent_ms - start_ms, end_ms - voiced_ms
        if end_ms <= silent_ms or start_ms >= voiced_ms or (before <= 0 and after <= 0):
            continue
        if after >= before:
            start_ms = max(start_ms, voiced_ms)
        else:
            end_ms = min(end_ms, silent_ms)
    return start_ms, end_ms
