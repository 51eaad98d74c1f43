"""What a synthesised learner answers: a bank of phrases and the choice of one that fits. Pure."""

import random
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec

from app.services.sample_learner.asking import SampleQuestion

INTERVIEW_PART = 1
ROUNDING_OFF_PART = 2
SHORTEST_CONTENT_WORD = 4

_SLOTS = re.compile(r"\{(\w+)\}")
_WORDS = re.compile(r"[a-z]+")


class Persona(msgspec.Struct, frozen=True):
    """Who the learner is."""

    name: str
    first: str
    city: str
    town: str


class ByForm(msgspec.Struct, frozen=True):
    """Phrases for questions of a form; `question` is a regular expression searched in the question."""

    question: str
    says: list[str]


class ByTopic(msgspec.Struct, frozen=True):
    """Phrases for questions about something; the entry without words serves when no other fits."""

    part: int
    words: list[str]
    says: list[str]


class Talk(msgspec.Struct, frozen=True):
    """A story for the Part 2 card, paragraph by paragraph."""

    words: list[str]
    says: list[str]


class Bank(msgspec.Struct, frozen=True):
    """Everything the learner knows how to say."""

    persona: list[Persona]
    greeting: list[ByForm]
    opening: list[ByForm]
    topic: list[ByTopic]
    talk: list[Talk]


@cache
def bundled_bank() -> Bank:
    """Return the bank beside this file."""
    data = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
    return msgspec.convert(data, Bank)


class Mind:
    """A learner's side of the dialogue: remembers what was said, so as not to say it twice."""

    def __init__(self, bank: Bank, seed: int) -> None:
        self._bank = bank
        self._rng = random.Random(seed)  # noqa: S311 - a seeded choice of phrases, nothing secret
        self._said: dict[str, int] = {}
        self.persona = self._rng.choice(bank.persona)

    def answer(self, question: SampleQuestion) -> list[str]:
        """Return the answer, sentence groups in order; "(0.6)" in them is a silence of so many seconds."""
        if question.talk:
            return [self._fill(p) for p in self._talk(question.text)]
        lower = question.text.lower()
        for greeting in self._bank.greeting:
            if re.search(greeting.question, lower):
                return [self._fill(self._fresh(greeting.says))]
        phrases = self._topic(lower, question.about.lower(), question.part or 1)
        body = [self._fresh(phrases, lower)]
        if question.part == ROUNDING_OFF_PART:
            return [self._fill(p) for p in body]
        if question.part == INTERVIEW_PART:
            body.append(self._fresh(phrases, lower))
        form = _form(lower)
        opening = next((o for o in self._bank.opening if re.search(o.question, form)), None)
        if opening is not None:
            body.insert(0, self._fresh(opening.says))
        return [self._fill(p) for p in body]

    def _topic(self, question: str, about: str, part: int) -> Sequence[str]:
        """The question's own words count double, what it is about decides where they say nothing."""
        entries = [t for t in self._bank.topic if t.part == part]
        return max(entries, key=lambda t: 2 * _overlap(question, t.words) + _overlap(about, t.words)).says

    def _talk(self, card: str) -> Sequence[str]:
        """What the card is about counts double, what it asks in detail decides between equals."""
        topic, _, details = card.lower().partition(".")
        return max(
            self._bank.talk, key=lambda t: 2 * _overlap(topic, t.words) + _overlap(details, t.words)
        ).says

    def _fresh(self, phrases: Sequence[str], question: str = "") -> str:
        """Choose among the phrases said least often: the one with most of the question's words, or any."""
        fewest = min(self._said.get(p, 0) for p in phrases)
        fresh = [p for p in phrases if self._said.get(p, 0) == fewest]
        wanted = _content(question)
        most = max(len(wanted & _content(p)) for p in fresh)
        chosen = self._rng.choice([p for p in fresh if len(wanted & _content(p)) == most])
        self._said[chosen] = fewest + 1
        return chosen

    def _fill(self, phrase: str) -> str:
        return _SLOTS.sub(lambda slot: str(getattr(self.persona, slot[1])), phrase)


def _form(text: str) -> str:
    """The sentence whose form decides: the last one, unless that is only a "why?" after another."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    if len(sentences) > 1 and re.fullmatch(r"why( not)?\?", sentences[-1]):
        return sentences[-2]
    return sentences[-1]


def _overlap(text: str, words: Sequence[str]) -> float:
    """How many of an entry's words the text has; an entry without words comes before one that has none."""
    if not words:
        return 0.25
    spoken = _stems(text)
    return sum((w in text) if " " in w else (w.removesuffix("s") in spoken) for w in words)


def _content(text: str) -> set[str]:
    return {w for w in _stems(text) if len(w) >= SHORTEST_CONTENT_WORD}


def _stems(text: str) -> set[str]:
    return {w.removesuffix("s") for w in _WORDS.findall(text.lower())}
