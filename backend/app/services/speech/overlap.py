"""Words heard twice, because two streams of recognition overlap. Pure."""

from collections.abc import Sequence

from app.services.speech.types import Word

SAME_WITHIN_MS = 200
"""Two recognitions of one spoken word begin nearer than that; a word said twice takes longer."""


def unheard_words(settled: Sequence[Word], heard: Sequence[Word]) -> tuple[Word, ...]:
    """Return the end of `heard` that `settled`, the words of the stream before it, does not have yet.

    A word is the same when it has the same letters and begins at nearly the same time. After the last word
    that both have, what lies in time before the end of `settled` is another reading of what was settled,
    unless the last settled word itself was found: then everything after it is new.
    """
    first_new, matched = 0, -1
    for at, known in enumerate(settled):
        place = _place_of(known, heard, first_new)
        if place is not None:
            first_new, matched = place + 1, at
    rest = heard[first_new:]
    if not settled or matched == len(settled) - 1:
        return tuple(rest)
    until_ms = settled[-1].end_ms
    later = (i for i, word in enumerate(rest) if word.start_ms + word.end_ms >= 2 * until_ms)
    return tuple(rest[next(later, len(rest)) :])


def _place_of(known: Word, heard: Sequence[Word], first: int) -> int | None:
    """Return where `known` is in `heard` from `first` on, the nearest in time; None if it is not there."""
    alike = [
        i
        for i in range(first, len(heard))
        if abs(heard[i].start_ms - known.start_ms) < SAME_WITHIN_MS
        and _letters(heard[i].text) == _letters(known.text)
    ]
    return min(alike, key=lambda i: abs(heard[i].start_ms - known.start_ms), default=None)


def _letters(text: str) -> str:
    """Return what counts when words are compared: punctuation and capitals depend on what follows."""
    return "".join(c for c in text.casefold() if c.isalnum())
