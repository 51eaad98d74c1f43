"""What the prompt `judge` is given and what it must bring back."""

from typing import Literal

import msgspec

from app.services.prompt_manager import Contract, read_as


class AskedFeature(msgspec.Struct, frozen=True):
    """A feature of speech to judge."""

    id: str
    text: str


class GivenAnswer(msgspec.Struct, frozen=True):
    """One answer as understood, numbered from 1."""

    number: int
    part: int
    question: str
    text: str


class JudgeVariables(msgspec.Struct, frozen=True):
    """One set of features, and the answers to judge them by."""

    features: list[AskedFeature]
    answers: list[GivenAnswer]


class Quote(msgspec.Struct, frozen=True):
    """Words of one of the answers."""

    answer: int
    words: str


class Verdict(msgspec.Struct, frozen=True):
    """What the model says of a feature."""

    feature: str
    state: Literal["met", "partly", "not_met"]
    quotes: list[Quote]


class JudgeReply(msgspec.Struct, frozen=True):
    """The whole reply; `off_topic` are beginnings of answers that do not answer their question."""

    verdicts: list[Verdict]
    off_topic: list[Quote]


JUDGE = Contract(
    name="judge",
    variables=JudgeVariables,
    reply=JudgeReply,
    read=read_as(JudgeReply),
    example=JudgeVariables(
        features=[AskedFeature("FC7.b", "the listener never loses the thread")],
        answers=[GivenAnswer(1, 1, "Where do you live?", "I live in a flat near the centre of the city.")],
    ),
)
