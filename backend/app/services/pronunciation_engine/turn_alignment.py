"""The words of one answer laid over its sound, utterance by utterance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.services.pronunciation_engine.alignment import (
    AlignedPhone,
    AlignedWord,
    Aligner,
    AlignmentFailed,
)
from app.services.speech import BYTES_PER_MS, SpokenTurn, Word

_MARGIN_MS = 200
"""Recognition cuts utterances close; the aligner wants a little silence around them."""


@dataclass(frozen=True, slots=True)
class TurnAlignment:
    """Aligned words, indexed as `SpokenTurn.words`, in milliseconds from the turn's first sample.

    `missing` are the stretches whose words could not be aligned.
    """

    words: tuple[AlignedWord, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()


def align_turn(turn: SpokenTurn, pcm: bytes, aligner: Aligner) -> TurnAlignment:
    """Align every utterance of a turn. `pcm` is 16 kHz mono PCM16 from the turn's start."""
    found: list[AlignedWord] = []
    missing: list[tuple[int, int]] = []
    counted = 0
    for utterance in turn.utterances:
        first, counted = counted, counted + len(utterance.words)
        start_ms = max(0, utterance.start_ms - turn.start_ms - _MARGIN_MS)
        end_ms = utterance.end_ms - turn.start_ms + _MARGIN_MS
        if not utterance.words:
            continue
        try:
            words = aligner.align(
                pcm[start_ms * BYTES_PER_MS : end_ms * BYTES_PER_MS], [w.text for w in utterance.words]
            )
        except AlignmentFailed:
            missing.append((start_ms, end_ms))
            continue
        found += [_moved(w, first, start_ms) for w in words]
    return TurnAlignment(tuple(found), tuple(missing))


def retimed(turn: SpokenTurn, alignment: TurnAlignment) -> tuple[Word, ...]:
    """Return the turn's words with the aligner's times where it has any (session milliseconds)."""
    words = list(turn.words)
    for aligned in alignment.words:
        words[aligned.index] = replace(
            words[aligned.index],
            start_ms=turn.start_ms + aligned.start_ms,
            end_ms=turn.start_ms + aligned.end_ms,
        )
    return tuple(words)


def _moved(word: AlignedWord, first: int, by_ms: int) -> AlignedWord:
    return AlignedWord(
        word.index + first,
        word.start_ms + by_ms,
        word.end_ms + by_ms,
        _shifted(word.phones, by_ms),
        word.stress,
    )


def _shifted(phones: Sequence[AlignedPhone], by_ms: int) -> tuple[AlignedPhone, ...]:
    return tuple(AlignedPhone(p.phone, p.start_ms + by_ms, p.end_ms + by_ms) for p in phones)
