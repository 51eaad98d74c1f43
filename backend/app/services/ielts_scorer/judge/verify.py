"""Holding a judge's reply against the answers. What does not fit is refused, by reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.services.ielts_scorer.descriptors import JudgedSet
from app.services.ielts_scorer.judge.port import JudgeAnswer
from app.services.ielts_scorer.judge.question import Quote, Verdict
from app.services.ielts_scorer.judge.request import features_in
from app.services.ielts_scorer.judge.statements import Statement
from app.services.ielts_scorer.sample import Evidence, Judgement

Refusal = Literal[
    "unknown_feature",
    "contradictory",
    "no_quote",
    "quote_too_short",
    "unknown_answer",
    "quote_not_in_transcript",
    "not_asked",
    "too_many",
]

MIN_QUOTE_WORDS = 3
MAX_VERDICTS = 40
"""Verdicts, and answers off the topic, that are looked at in one reply."""

MAX_QUOTES = 3


class Refused(Exception):
    """Something in a reply that is not kept; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


@dataclass(frozen=True, slots=True)
class Verified:
    """What of a reply is kept: judgements by feature, and where answers off their question begin.

    `refused` counts by reason what is not.
    """

    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    off_topic: tuple[Evidence, ...] = ()
    refused: Mapping[Refusal, int] = field(default_factory=dict)


def verified(judged_set: JudgedSet, answer: JudgeAnswer, statements: Sequence[Statement]) -> Verified:
    """Check the reply about one set of features. One bad quote refuses the verdict that rests on it."""
    known = {f.id for f in features_in(judged_set)}
    reply = answer.reply
    verdicts, beside = reply.verdicts[:MAX_VERDICTS], reply.off_topic[:MAX_VERDICTS]
    refused: Counter[Refusal] = Counter()
    refused["too_many"] = len(reply.verdicts) - len(verdicts) + len(reply.off_topic) - len(beside)
    said = {v.feature: {w.state for w in verdicts if w.feature == v.feature} for v in verdicts}
    kept: dict[str, Judgement] = {}
    for verdict in verdicts:
        if len(said[verdict.feature]) > 1:
            refused["contradictory"] += 1
            continue
        try:
            kept[verdict.feature] = _judgement(verdict, known, answer, statements)
        except Refused as no:
            refused[no.reason] += 1
    off_topic: list[Evidence] = []
    for quote in beside:
        if judged_set != "relevance":
            refused["not_asked"] += 1
            continue
        try:
            off_topic.append(_found(quote, statements))
        except Refused as no:
            refused[no.reason] += 1
    return Verified(kept, tuple(dict.fromkeys(off_topic)), {k: n for k, n in refused.items() if n})


def _judgement(
    verdict: Verdict, known: set[str], answer: JudgeAnswer, statements: Sequence[Statement]
) -> Judgement:
    if verdict.feature not in known:
        raise Refused("unknown_feature")
    if not verdict.quotes:
        raise Refused("no_quote")
    evidence = tuple(_found(quote, statements) for quote in verdict.quotes[:MAX_QUOTES])
    return Judgement(verdict.feature, verdict.state, evidence, answer.model, answer.prompt)


def _found(quote: Quote, statements: Sequence[Statement]) -> Evidence:
    if not 1 <= quote.answer <= len(statements):
        raise Refused("unknown_answer")
    if len(quote.words.split()) < MIN_QUOTE_WORDS:
        raise Refused("quote_too_short")
    place = statements[quote.answer - 1].find(quote.words)
    if place is None:
        raise Refused("quote_not_in_transcript")
    return place
