"""What the prompt `review` is given and what it must bring back."""

import msgspec

from app.services.hybrid_analyzer.llm.schema import Reply, read_reply
from app.services.prompt_manager import Contract


class Place(msgspec.Struct, frozen=True):
    """A mistake that was found already."""

    quote: str
    correction: str
    category: str


class Suspect(msgspec.Struct, frozen=True):
    """A place that a rule suspects, to be judged."""

    id: str
    quote: str
    correction: str
    category: str


class ReviewVariables(msgspec.Struct, frozen=True):
    """An answer as the model sees it."""

    part: int
    question: str
    answer: str
    already_found: list[Place]
    suspected: list[Suspect]


def _readable(text: str) -> str:
    """Return the text of a reply that can be read item by item. Raises UnreadableReply."""
    read_reply(text)
    return text


REVIEW = Contract(
    name="review",
    variables=ReviewVariables,
    reply=Reply,
    read=_readable,
    example=ReviewVariables(
        part=1,
        question="What did you do at the weekend?",
        answer="Yesterday I go to the park with two friend.",
        already_found=[Place("two friend", "two friends", "R:NOUN:NUM")],
        suspected=[Suspect("f_1", "I go", "I went", "R:VERB:TENSE")],
    ),
)
