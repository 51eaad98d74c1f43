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
from app.services.conversation.exam import Exam, SnapshotInvalid
from app.services.conversation.exam_types import (
    Action,
    AnswerEnded,
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
from app.services.conversation.open_endings import ends_open
from app.services.conversation.plan import BankTooSmall, ExamPlan, Frame, PlanInvalid, plan_exam
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

__all__ = [
    "Action",
    "AnswerEnded",
    "BankInvalid",
    "BankTooSmall",
    "BargeIn",
    "ClockName",
    "Conformance",
    "CueCard",
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
    "Part1Question",
    "Part1Set",
    "Part2Card",
    "Part3Question",
    "PauseMemory",
    "Paused",
    "Phase",
    "PlanInvalid",
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
    "TurnPolicy",
    "bundled_bank",
    "ends_open",
    "goes_on",
    "may_barge_in",
    "normalised",
    "parse_bank",
    "plan_exam",
    "silence_wait_ms",
    "turn_is_over",
]
