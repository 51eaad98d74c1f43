"""The items of the question bank. Written for this product; none is taken from a real test."""

from typing import Annotated, Literal

import msgspec

Family = Literal[
    "person",
    "place",
    "object",
    "event",
    "experience",
    "journey",
    "decision",
    "skill",
    "media",
    "rule",
    "plan",
]
Function = Literal["describe", "compare", "cause", "effect", "evaluate", "predict", "hypothesise", "solution"]
FrameRole = Literal["home", "study", "work", "topic"]
Level = Annotated[int, msgspec.Meta(ge=1, le=3)]
Text = Annotated[str, msgspec.Meta(min_length=3, max_length=160)]
ItemId = Annotated[str, msgspec.Meta(pattern=r"^(P1-[0-9]{3}(-study|-work)?|P2-[0-9]{2})$")]


class Part1Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A printed question; with `why`, a short answer may be followed by the scripted "Why?" or "Why not?"."""

    text: Text
    why: bool = False


class Part1Set(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Four questions on one everyday topic.

    `spoken` names the topic in "Let's talk about ...". `frame` says whether the set may open Part 1.
    `themes` are what it must not share with the other topics and the card of the same exam.
    """

    id: ItemId
    topic: Text
    spoken: Text
    frame: FrameRole = "topic"
    themes: tuple[str, ...]
    questions: tuple[Part1Question, ...]

    def question_id(self, index: int) -> str:
        """Return the id of the question at that position (from 0)."""
        return f"{self.id}.{index + 1}"


class Part3Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A discussion question about people in general. `rephrase` says it in simpler words; `probe` follows up
    an answer that stays thin. `level` 1 is concrete, 3 abstract."""

    sub: Literal["A", "B"]
    theme: Text
    level: Level
    function: Function
    text: Text
    rephrase: Text
    probe: Text | None = None


class Part2Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cue card with its rounding-off questions and the Part 3 questions linked to it."""

    id: ItemId
    family: Family
    themes: tuple[str, ...]
    topic: Text
    prompts: tuple[Text, ...]
    final_prompt: Text
    rounding_off: tuple[Text, ...]
    p3: tuple[Part3Question, ...]

    @property
    def about(self) -> str:
        """The topic as it fits after "talking about"."""
        return self.topic.removeprefix("Describe ").removesuffix(".")

    def question_id(self, kind: Literal["round", "p3"], index: int) -> str:
        """Return the id of the rounding-off or discussion question at that position (from 0)."""
        return f"{self.id}.{kind}.{index + 1}"


class QuestionBank(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every item an exam can be planned from."""

    part1: tuple[Part1Set, ...]
    part2: tuple[Part2Card, ...]
