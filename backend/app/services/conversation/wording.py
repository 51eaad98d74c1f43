"""What a language model may word in Part 3, and the rules that its words are held against.

The rest of the test is verbatim. In Part 3 examiners word follow-ups themselves, within the conduct that
holds throughout: no praise, no agreement, no correction, no hint at a band.
"""

import re
from dataclasses import dataclass
from typing import Literal

from app.services.conversation.replies import normalised

MAX_WORDS = 20
MIN_WORDS = 3

Broken = Literal[
    "not_one_question", "too_long", "too_short", "unprintable", "forbidden", "off_topic", "unchanged"
]
"""Which rule a line breaks."""


@dataclass(frozen=True, slots=True)
class WordingWanted:
    """A line that may be worded: the question put more simply, or one question about the answer just given.

    `scripted` is what is said if nothing better comes. `names` are what the learner is called.
    """

    kind: Literal["rephrase", "follow_up"]
    question: str
    scripted: str
    answer: str
    names: tuple[str, ...]


_PLAIN = re.compile(r"[A-Za-z][A-Za-z ,'’-]*\?")
_FORBIDDEN = re.compile(
    r"\b(?:good|great|excellent|well|perfect|nice|nicely|lovely|interesting|impressive|amazing|wonderful"
    r"|fantastic|brilliant|clear|clearly|fluent|fluently|agree|disagree|right|correct|correctly|wrong"
    r"|mistakes?|errors?|grammar|grammatical|vocabulary|pronunciation|accent|bands?|scores?|marks?|grades?"
    r"|levels?|test|exam|examiner|ielts|english|better|improve|should have said|you mean|thank|thanks|sorry"
    r"|please|instructions?|ignore|prompt|system|language model|ai|assistant|data|boundary)\b",
    re.IGNORECASE,
)
_INSTRUCTS = re.compile(
    r"\b(?:ignore|disregard|forget (?:about |all |your |the )|pretend|from now on|instructions?|prompt|system"
    r"|act as|role ?play|you must|you have to|you should|repeat after|say (?:that|this|the word|exactly|only)"
    r"|ask me|tell me|give me|answer me|examiner|chat ?gpt|gemini|language model|artificial intelligence"
    r"|assistant|band|score|next question|change the)\b",
    re.IGNORECASE,
)
_CONTENT_LETTERS = 4
_STEM = 5
_EMPTY = re.compile(
    r"what|when|where|which|that|this|these|those|they|them|their|there|then|than|have|does|would|could|should"
    r"|will|your|about|with|from|into|some|many|much|more|most|very|also|just|because|think|people|things?|like"
    r"|made?|make|said|such|other|only|even"
)


def may_be_worded(wanted: WordingWanted) -> bool:
    """Whether a model may be asked: not when the learner seems to speak to it rather than to answer."""
    return _INSTRUCTS.search(wanted.answer) is None


def broken_rule(line: str, wanted: WordingWanted) -> Broken | None:
    """Return the rule that `line` breaks, None when it may be said in place of the scripted one."""
    words = line.split()
    if not line.isprintable():
        return "unprintable"
    if len(words) > MAX_WORDS:
        return "too_long"
    if len(words) < MIN_WORDS:
        return "too_short"
    if not _PLAIN.fullmatch(line):
        return "not_one_question"
    if _forbidden(line) - _forbidden(f"{wanted.question} {wanted.scripted}"):
        return "forbidden"
    if normalised(line) == normalised(wanted.question):
        return "unchanged"
    ties = f"{wanted.question} {wanted.scripted}" if wanted.kind == "rephrase" else wanted.answer
    if not _content(line) & _content(ties):
        return "off_topic"
    return None


def _forbidden(text: str) -> frozenset[str]:
    return frozenset(match.lower() for match in _FORBIDDEN.findall(text))


def _content(text: str) -> frozenset[str]:
    """Return the beginnings of the words that carry meaning."""
    words = normalised(text).split()
    return frozenset(w[:_STEM] for w in words if len(w) >= _CONTENT_LETTERS and not _EMPTY.fullmatch(w))
