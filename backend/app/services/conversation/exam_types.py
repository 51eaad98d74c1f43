"""What goes into an exam and what comes out of it: phases, lines, events and actions.

Positions named `now_ms` are integer milliseconds on any clock that never runs backwards.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.services.conversation.turn_policy import TurnPolicy


class Mode(StrEnum):
    """What is practised. `quick` is all three parts in short form; `practice` is no exam: the learner chooses
    the topic, hears about each answer at once, and goes on when they like."""

    FULL = "full"
    PART1 = "part1"
    PART2 = "part2"
    PART3 = "part3"
    QUICK = "quick"
    PRACTICE = "practice"


class Phase(StrEnum):
    """Where the exam stands. `P1_FRAME4` exists only when the first three topics went by quickly; `PRACTICE`
    (a question is asked and answered) and `REVIEW` (the learner looks at the answer) only in practice."""

    OPENING = "opening"
    P1_FRAME1 = "p1_frame1"
    P1_FRAME2 = "p1_frame2"
    P1_FRAME3 = "p1_frame3"
    P1_FRAME4 = "p1_frame4"
    P2_INSTRUCT = "p2_instruct"
    P2_PREP = "p2_prep"
    P2_TALK = "p2_talk"
    P2_ROUND = "p2_round"
    P3_THEME_A = "p3_theme_a"
    P3_THEME_B = "p3_theme_b"
    PRACTICE = "practice"
    REVIEW = "review"
    CLOSE = "close"


LineKind = Literal[
    "greeting",
    "question",
    "instruction",
    "card",
    "acknowledgement",
    "prompt",
    "repeat",
    "rephrase",
    "transition",
    "stop",
    "closing",
]

Conformance = Literal["verbatim", "slot_filled", "paraphrase", "free"]
"""How a line relates to the examiner's script: read as printed, with a slot filled, put in other words, or
not scripted at all."""

StopReason = Literal["time_up", "moved_on"]
FinishReason = Literal["completed", "ended_by_learner", "no_response", "time_limit"]


@dataclass(frozen=True, slots=True)
class Line:
    """Something the examiner says. `id` is unique within the exam; `part` is None outside the three parts."""

    id: str
    text: str
    part: int | None
    kind: LineKind
    frame_conformance: Conformance
    expects_answer: bool
    question_id: str | None = None


@dataclass(frozen=True, slots=True)
class CueCard:
    """The Part 2 card as the learner sees it."""

    topic: str
    prompts: tuple[str, ...]
    final_prompt: str


# --- events: what the shell tells the exam ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """The time that `next_deadline_ms` named has come. Early or late ticks do no harm."""


@dataclass(frozen=True, slots=True)
class LineFinished:
    """The learner has heard the line to its end. It implies the same for every line said before it."""

    line_id: str


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The learner began to speak, or went on after a pause."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The learner fell silent; the turn may still go on."""


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """The turn is over: `text` is its transcript (may be empty), `speech_ms` the time spent speaking.

    Without `recognised` the transcript is missing although there may have been speech: the recogniser failed.
    `wording` is what `Exam.wording_wanted` asked for; what does not keep to the rules is not said.
    """

    text: str
    speech_ms: int
    words: int
    recognised: bool = True
    wording: str | None = None


@dataclass(frozen=True, slots=True)
class PrepReady:
    """The learner wants to begin the talk before the preparation time is over."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """In practice: the learner wants the question again, to hear it or to give another answer."""


@dataclass(frozen=True, slots=True)
class MoveOn:
    """In practice: the learner wants the next question."""


@dataclass(frozen=True, slots=True)
class EndRequested:
    """The learner wants to stop the exam."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The connection was lost: the exam clock stands still."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The connection is back."""


@dataclass(frozen=True, slots=True)
class Processing:
    """Recognition or synthesis keeps the learner waiting (`started`), or no longer does.

    A switch, not a counter: whoever has overlapping work reports the first start and the last end.
    """

    started: bool


ExamEvent = (
    Tick
    | LineFinished
    | SpeechStarted
    | SpeechStopped
    | AnswerEnded
    | PrepReady
    | AskAgain
    | MoveOn
    | EndRequested
    | Paused
    | Resumed
    | Processing
)


# --- actions: what the exam asks of the shell ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak the line after those said before it, then report LineFinished."""

    line: Line


@dataclass(frozen=True, slots=True)
class EnterPhase:
    """A phase begins; `limit_ms` is the exam time it may take, where it has a limit."""

    phase: Phase
    part: int | None
    limit_ms: int | None
    card: CueCard | None


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the learner's turn. It ends with exactly one AnswerEnded."""

    policy: TurnPolicy
    part: int | None
    question_id: str | None


@dataclass(frozen=True, slots=True)
class StopListening:
    """Cut the turn now, transcribe what there is, then report AnswerEnded. Lines may follow at once."""

    reason: StopReason


@dataclass(frozen=True, slots=True)
class Finish:
    """The exam is over; no action follows."""

    reason: FinishReason


Action = Say | EnterPhase | Listen | StopListening | Finish
