"""Everything an exam remembers, as plain data that survives the process."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from app.services.conversation.clock import ExamClock
from app.services.conversation.exam_types import FinishReason, Line, Phase, StopReason
from app.services.conversation.replies import Reply


class Section(StrEnum):
    """A stretch of the exam with a way of asking of its own."""

    OPENING = "opening"
    PART1 = "part1"
    PART2 = "part2"
    PART3 = "part3"
    PRACTICE = "practice"


class Role(StrEnum):
    """What a question is for."""

    NAME = "name"
    CALL_NAME = "call_name"
    WORK_OR_STUDY = "work_or_study"
    TOPIC = "topic"
    TALK = "talk"
    ROUNDING = "rounding"
    DISCUSSION = "discussion"
    PRACTICE = "practice"


class After(StrEnum):
    """What follows when every line has been heard and no turn is open."""

    NOTHING = "nothing"
    LISTEN = "listen"
    PREPARE = "prepare"
    TALK = "talk"
    FINISH = "finish"


@dataclass(slots=True)
class OpenQuestion:
    """The question the learner is at.

    `rephrase` and `probe` are what the bank offers for it; `why` allows the scripted "Why?".
    `asked_again` and `followed_up` each happen at most once; `answered` says that a word was heard.
    """

    id: str | None
    text: str
    part: int | None
    role: Role
    rephrase: str | None = None
    probe: str | None = None
    why: bool = False
    asked_again: bool = False
    followed_up: bool = False
    answered: bool = False


@dataclass(slots=True)
class Turn:
    """The learner's open turn, in exam milliseconds.

    `silent_since_ms` starts with the turn and again whenever the learner falls silent; `spoke_ms` is where
    the answer began and `spoke_until_ms` where it last fell silent. `stopped` is set once the shell has been
    told to cut the turn, and the transcript is awaited.
    """

    silent_since_ms: int
    speaking: bool = False
    spoke_ms: int | None = None
    spoke_until_ms: int | None = None
    stopped: StopReason | None = None
    stopped_ms: int = 0


@dataclass(slots=True)
class Part1Progress:
    """Which topic, which of its sets, and how far."""

    frame: int = -1
    alternative: Literal["topic", "study", "work"] = "topic"
    asked: int = 0
    why_asked: bool = False
    name: str | None = None


@dataclass(slots=True)
class Part2Progress:
    """How far the long turn has come."""

    prompted: bool = False
    rounding_asked: int = 0


@dataclass(slots=True)
class Part3Progress:
    """Which discussion questions were asked (positions on the card) and how the learner copes."""

    sub: Literal["A", "B"] = "A"
    asked: list[int] = field(default_factory=list)
    strong_streak: int = 0


@dataclass(slots=True)
class PracticeProgress:
    """How many items were opened, and what the learner chose while an answer was being taken down."""

    opened: int = 0
    choice: Literal["again", "next"] | None = None


@dataclass(slots=True)
class ExamState:
    """The whole memory of an exam. Times are exam milliseconds unless the clock says otherwise."""

    clock: ExamClock = field(default_factory=ExamClock)
    started: bool = False
    phase: Phase = Phase.OPENING
    phase_started_ms: int = 0
    phase_limit_ms: int | None = None
    section: Section = Section.OPENING
    section_started_ms: int = 0
    lines: list[Line] = field(default_factory=list)
    """Said and not yet heard to the end; the first is being spoken."""
    line_due_ms: int = 0
    """When the first of `lines` is taken as heard although nobody said so."""
    lines_said: int = 0
    after: After = After.NOTHING
    turn: Turn | None = None
    question: OpenQuestion | None = None
    moves: int = 0
    """Plain moves to a next question; every second one is acknowledged."""
    acknowledged: int = 0
    """How often an answer was acknowledged, which chooses the words."""
    thanked: bool = False
    """The line that stopped the answer has acknowledged it already."""
    unanswered: int = 0
    """Questions in a row that were left without a word."""
    heard_anything: bool = False
    names: list[str] = field(default_factory=list)
    """What the learner may be called, by their own words."""
    finish_reason: FinishReason = "completed"
    finished: bool = False
    part1: Part1Progress = field(default_factory=Part1Progress)
    part2: Part2Progress = field(default_factory=Part2Progress)
    part3: Part3Progress = field(default_factory=Part3Progress)
    practice: PracticeProgress = field(default_factory=PracticeProgress)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. `cut` is true when its time was up; `spoke_until_ms` is where speech last ended.

    `wording` is a line that might be said next instead of the scripted one.
    """

    text: str
    words: int
    reply: Reply
    cut: bool
    spoke_until_ms: int
    wording: str | None = None
