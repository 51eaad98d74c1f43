"""How a learner gets a sentence out: fillers, repeated words and silences put into plain text. Pure."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

FILLERS = ("Um,", "Er,", "Well,", "Uh,")
FILLER_SHARE = 0.3
REPEAT_SHARE = 0.25
REPEATABLE = frozenset(
    {"i", "it", "we", "the", "he", "she", "they", "in", "my", "and", "but", "because", "to"}
)
COMMA_SHARE = 0.35
COMMA_MS = (180, 420)
SENTENCE_MS = (380, 720)
PARAGRAPH_MS = (450, 750)
MAX_PAUSE_MS = 800
"""Longer silences would hand the turn to an examiner who waits 1.2 s, or teach it to wait longer for
this learner."""

MS_PER_WORD = 385
"""Measured on the learner's voice, silences left out."""

_EXPLICIT = re.compile(r"\s*\((\d+(?:\.\d+)?)\)\s*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Breath:
    """A stretch said in one go, and the silence after it in milliseconds."""

    text: str
    pause_ms: int = 0


def hesitate(paragraphs: Sequence[str], rng: random.Random) -> list[Breath]:
    """Turn paragraphs into breaths. The last one has no silence after it.

    Silences written as "(0.6)" are kept; others come at sentence ends and at some commas. A filler begins
    some sentences, and a short word near the beginning of some is said twice.
    """
    breaths: list[Breath] = []
    for paragraph in paragraphs:
        for sentence in _SENTENCE.split(paragraph.strip()):
            breaths += _sentence(sentence, rng)
            breaths[-1] = Breath(breaths[-1].text, rng.randint(*SENTENCE_MS))
        breaths[-1] = Breath(breaths[-1].text, rng.randint(*PARAGRAPH_MS))
    if breaths:
        breaths[-1] = Breath(breaths[-1].text)
    return breaths


def estimate_ms(breaths: Sequence[Breath]) -> int:
    """Return about how long it takes to say this."""
    return sum(b.pause_ms + MS_PER_WORD * len(b.text.split()) for b in breaths)


def plain_text(breaths: Sequence[Breath]) -> str:
    """Return what is said, without the silences."""
    return " ".join(b.text for b in breaths)


def _sentence(sentence: str, rng: random.Random) -> list[Breath]:
    words = _repeat(sentence.split(), rng)
    if len(words) > 3 and words[0] not in FILLERS and rng.random() < FILLER_SHARE:
        words = [rng.choice(FILLERS), _uncapitalised(words[0]), *words[1:]]
    parts = _EXPLICIT.split(" ".join(words))
    breaths: list[Breath] = []
    for text, pause in zip(parts[::2], [*parts[1::2], "0"], strict=True):
        if text:
            breaths += _at_commas(text, rng)
        if breaths:
            breaths[-1] = Breath(breaths[-1].text, min(MAX_PAUSE_MS, round(float(pause) * 1000)))
    return breaths


def _at_commas(text: str, rng: random.Random) -> list[Breath]:
    """Break a stretch at some of its commas, never so as to leave a single word alone."""
    breaths: list[Breath] = []
    waiting: list[str] = []
    for clause in re.split(r"(?<=,)\s+", text):
        waiting.append(clause)
        said = " ".join(waiting)
        if clause.endswith(",") and len(said.split()) > 2 and rng.random() < COMMA_SHARE:
            breaths.append(Breath(said, rng.randint(*COMMA_MS)))
            waiting = []
    return breaths + ([Breath(" ".join(waiting))] if waiting else [])


def _repeat(words: list[str], rng: random.Random) -> list[str]:
    """Say one of the first four words twice, if one of them is a word that people repeat."""
    if len(words) < 6 or rng.random() >= REPEAT_SHARE:
        return words
    for at, word in enumerate(words[:4]):
        if word.lower() in REPEATABLE:
            return [*words[: at + 1], _uncapitalised(word), *words[at + 1 :]]
    return words


def _uncapitalised(word: str) -> str:
    return word if word == "I" or word.startswith("I'") else word[0].lower() + word[1:]
