"""Conversation: the exam as a pure state machine with its own clock, the script and the question bank.

The shell feeds `Exam` with events and does what its actions say; `turn_policy` tells it when a silence ends a
turn.
"""

from app.services.conversation.bank import BankInvalid, bundled_bank, parse_bank
from app.services.conversation.bank_items import (
    Part1Question,
    Part1Set,
    Part2Card,
    Part3Question,
    QuestionBank,
)
from app.services.conversation.elicits import Elicited, questions_that_elicit
from app.services.conversation.exam import Exam, SnapshotInvalid
from app.services.conversation.exam_types import (
    Action,
    AnswerEnded,
    AskAgain,
    Conformance,
    CueCard,
    EndRequested,
    EnterPhase,
    ExamEvent,
    Finish,
    FinishReason,
    Line,
    LineFinished,
    LineKind,
    Listen,
    Mode,
    MoveOn,
    Paused,
    Phase,
    PrepReady,
    Processing,
    Resumed,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopListening,
    StopReason,
    Tick,
)
from app.services.conversation.examiner import WordedExaminer
from app.services.conversation.open_endings import ends_open
from app.services.conversation.plan import (
    BankTooSmall,
    ExamPlan,
    Frame,
    PlanInvalid,
    PracticeItem,
    plan_exam,
)
from app.services.conversation.practice_plan import Topic, TopicUnknown, plan_practice, topics
from app.services.conversation.replies import normalised
from app.services.conversation.timing import ClockName, ExamTiming
from app.services.conversation.turn_policy import (
    BargeIn,
    PauseMemory,
    TurnPolicy,
    goes_on,
    may_barge_in,
    silence_wait_ms,
    turn_is_over,
)
from app.services.conversation.wording import WordingWanted

__all__ = [
    "Action",
    "AnswerEnded",
    "AskAgain",
    "BankInvalid",
    "BankTooSmall",
    "BargeIn",
    "ClockName",
    "Conformance",
    "CueCard",
    "Elicited",
    "EndRequested",
    "EnterPhase",
    "Exam",
    "ExamEvent",
    "ExamPlan",
    "ExamTiming",
    "Finish",
    "FinishReason",
    "Frame",
    "Line",
    "LineFinished",
    "LineKind",
    "Listen",
    "Mode",
    "MoveOn",
    "Part1Question",
    "Part1Set",
    "Part2Card",
    "Part3Question",
    "PauseMemory",
    "Paused",
    "Phase",
    "PlanInvalid",
    "PracticeItem",
    "PrepReady",
    "Processing",
    "QuestionBank",
    "Resumed",
    "Say",
    "SnapshotInvalid",
    "SpeechStarted",
    "SpeechStopped",
    "StopListening",
    "StopReason",
    "Tick",
    "Topic",
    "TopicUnknown",
    "TurnPolicy",
    "WordedExaminer",
    "WordingWanted",
    "bundled_bank",
    "ends_open",
    "goes_on",
    "may_barge_in",
    "normalised",
    "parse_bank",
    "plan_exam",
    "plan_practice",
    "questions_that_elicit",
    "silence_wait_ms",
    "topics",
    "turn_is_over",
]
