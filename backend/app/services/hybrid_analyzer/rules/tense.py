"""Present forms beside a time that is over."""

import re
from collections.abc import Iterator

from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import ONLY_VERBS
from app.services.hybrid_analyzer.word_set import word_set

_OVER = re.compile(
    r"\b(?:yesterday|last (?:night|week|weekend|month|year|summer|winter|spring|autumn|sunday|saturday|friday"
    r"|monday|tuesday|wednesday|thursday)|(?:\w+) (?:years?|months?|weeks?|days?|hours?) ago)\b",
    re.IGNORECASE,
)
_NEAR = 4
_SUBJECTS = frozenset({"i", "we", "they", "he", "she"})
_EVENTS = ONLY_VERBS - word_set("know have think read be do say understand") | word_set(
    "visit play watch start finish travel study work call ask try talk decide walk arrive return stay"
)
_CONTINUED = word_set("since from until till like as than compared did do does that which who")


def _present_for_past(reading: Reading) -> Iterator[Hit]:
    for when in _OVER.finditer(reading.text):
        inside = [t.index for t in reading if when.start() <= t.start < when.end()]
        if not inside or reading.lower_at(inside[0] - 1) in _CONTINUED:
            continue
        for subject in reading.tokens[max(0, inside[0] - _NEAR - 2) : inside[-1] + 3]:
            verb = reading.at(subject.index + 1)
            if subject.lower not in _SUBJECTS or verb is None or verb.tag not in {"VBP", "VB", "VBZ"}:
                continue
            lemma = verb.lemma.lower()
            if lemma not in _EVENTS or subject.head != verb.index or reading.children(verb, "aux"):
                continue
            if reading.lower_at(subject.index - 1) in _CONTINUED | {"if", "when", "think"}:
                continue
            start, end = sorted((verb.index, inside[0]))
            between = reading.tokens[start + 1 : end]
            if any(t.pos in {"VERB", "AUX", "CCONJ", "SCONJ"} for t in between) or end - start > _NEAR + 2:
                continue
            past = reading.inflect(lemma, "VBD")
            if past and past != verb.lower:
                text = f"{subject.text} {past}"
                yield hit(reading, subject.index, verb.index, text, time=when.group(), past=past)


def _perfect_for_past(reading: Reading) -> Iterator[Hit]:
    """Yield `I have seen it yesterday`: a time that is over with a present perfect."""
    for when in _OVER.finditer(reading.text):
        inside = [t.index for t in reading if when.start() <= t.start < when.end()]
        if not inside or reading.lower_at(inside[0] - 1) in _CONTINUED | {"the", "before"}:
            continue
        for have in reading.tokens[max(0, inside[0] - _NEAR - 3) : inside[0]]:
            verb = reading.head(have)
            if have.lower not in {"have", "has", "'ve"} or have.dep != "aux" or verb.tag != "VBN":
                continue
            between = reading.tokens[verb.index + 1 : inside[0]]
            if verb.index != have.index + 1 or any(
                t.pos in {"VERB", "AUX", "SCONJ", "CCONJ"} for t in between
            ):
                continue
            past = reading.inflect(verb.lemma.lower(), "VBD")
            subject = reading.lower_at(have.index - 1)
            if past and verb.lower != "been" and subject in _SUBJECTS | {"you", "it"}:
                start = have.index - 1
                text = f"{reading.tokens[start].text} {past}"
                yield hit(reading, start, verb.index, text, time=when.group(), past=past)


RULES = (
    Rule(
        id="TENSE-PERFECT-PAST",
        family="tense",
        category="R:VERB:TENSE",
        severity="medium",
        confidence=0.86,
        explanation="“{time}” is over, so the simple past is used: “{past}”.",
        explanation_uz="“{time}” o‘tgan vaqt, shuning uchun oddiy o‘tgan zamon ishlatiladi: “{past}”.",
        good=(
            "I saw it yesterday.",
            "I have lived here since last year.",
            "I have seen it before and yesterday I saw it again.",
        ),
        bad=(
            Example("I have watched it yesterday.", "I watched it yesterday."),
            Example("She has visited us two weeks ago.", "She visited us two weeks ago."),
        ),
        find=_perfect_for_past,
    ),
    Rule(
        id="TENSE-PAST-TIME",
        family="tense",
        category="R:VERB:TENSE",
        severity="high",
        confidence=0.87,
        explanation="“{time}” is over, so the verb is in the past: “{past}”.",
        explanation_uz="“{time}” o‘tgan vaqt, shuning uchun fe’l o‘tgan zamonda: “{past}”.",
        good=(
            "Yesterday I went to the park.",
            "I live here now and last year I lived there.",
            "Since last year I go there every day.",
            "Did you go there yesterday?",
        ),
        bad=(
            Example("Yesterday I go to the park.", "Yesterday I went to the park."),
            Example("Last year we visit Khiva.", "Last year we visited Khiva."),
            Example("Two years ago I start a new job.", "Two years ago I started a new job."),
        ),
        find=_present_for_past,
    ),
)
