"""What the prompts `rephrase` and `follow_up` are given and what they bring back."""

import msgspec

from app.services.prompt_manager import Contract, read_as


class RephraseVariables(msgspec.Struct, frozen=True):
    """A question that the learner did not take up. Nothing the learner said goes along."""

    question: str
    simpler: str


class FollowUpVariables(msgspec.Struct, frozen=True):
    """A question, the answer to it, and what the script would ask next about it."""

    question: str
    answer: str
    scripted: str


class ExaminerLine(msgspec.Struct, frozen=True):
    """The line to say."""

    line: str


REPHRASE = Contract(
    "rephrase",
    RephraseVariables,
    ExaminerLine,
    read_as(ExaminerLine),
    RephraseVariables(
        "How have attitudes towards public transport changed?", "Do people think differently about buses now?"
    ),
)
FOLLOW_UP = Contract(
    "follow_up",
    FollowUpVariables,
    ExaminerLine,
    read_as(ExaminerLine),
    FollowUpVariables(
        "Why do people move to big cities?",
        "Because there is more work in the city.",
        "Can you give an example?",
    ),
)
