"""Answers as they would come out of recognition: words with times, and speech between pauses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.services.analysis_coordinator import LearnerTurn, SessionMaterial
from app.services.pronunciation_engine import count_syllables
from app.services.speech import BYTES_PER_MS, SpeechSpan, SpokenTurn, Utterance, Word

_PIECE = re.compile(r"\((\d+(?:\.\d+)?)\)|(\S+)")
_SHORT_GAP_MS = 20


@dataclass(frozen=True, slots=True)
class Voice:
    """How a speaker speaks. `clarity` gives the recogniser's word probabilities, in turn."""

    syllables_per_second: float = 3.6
    clarity: Sequence[float] = field(default=(0.97, 0.92, 0.98, 0.9, 0.95))


def speak(text: str, voice: Voice = Voice(), *, start_ms: int = 1_000, lead_ms: int = 400) -> SpokenTurn:
    """Speak `text`, in which `(0.8)` is a silence of 0.8 s."""
    now = start_ms + lead_ms
    words: list[Word] = []
    spans: list[SpeechSpan] = []
    began: int | None = None
    for match in _PIECE.finditer(text):
        if match.group(1):
            if began is not None:
                spans.append(SpeechSpan(began, now))
                began = None
            now += round(float(match.group(1)) * 1_000)
            continue
        began = now if began is None else began
        length = round(max(1, count_syllables(match.group(2))) / voice.syllables_per_second * 1_000)
        probability = voice.clarity[len(words) % len(voice.clarity)]
        words.append(Word(match.group(2), now, now + length - _SHORT_GAP_MS, probability))
        now += length
    if began is not None:
        spans.append(SpeechSpan(began, now))
    spoken = " ".join(w.text for w in words)
    utterances = (Utterance(0, spoken, start_ms, now, tuple(words)),) if words else ()
    return SpokenTurn(start_ms, now + 600, utterances, tuple(spans))


def answers(
    texts: Sequence[tuple[int, str]], voice: Voice = Voice(), *, turn_ids: Sequence[str] | None = None
) -> tuple[LearnerTurn, ...]:
    """Build the answers of one test from (part, text) pairs, one after the other in time."""
    turns: list[LearnerTurn] = []
    start_ms = 2_000
    for index, (part, text) in enumerate(texts):
        spoken = speak(text, voice, start_ms=start_ms)
        turn_id = f"turn-{index}" if turn_ids is None else turn_ids[index]
        turns.append(LearnerTurn(turn_id, index, part, f"q{index}", "Tell me about it.", spoken))
        start_ms = spoken.end_ms + 3_000
    return tuple(turns)


def silent_audio(start_ms: int, end_ms: int) -> bytes:
    """Return digital silence of that length."""
    return bytes(max(0, end_ms - start_ms) * BYTES_PER_MS)


def material(turns: Sequence[LearnerTurn]) -> SessionMaterial:
    """Wrap answers whose sound was not kept."""
    return SessionMaterial("session-1", "quick", "short", turns, lambda start_ms, end_ms: b"")
