"""Grading: what an answer to a drill is worth, on Wozniak's scale from 0 to 5."""

from app.services.training_engine.grading.judge import MAX_TALK_MS, Judge
from app.services.training_engine.grading.types import (
    Answer,
    AnswerRefused,
    Heard,
    Judgement,
    Listener,
    ListeningUnavailable,
    Reason,
    Refusal,
    WordFeedback,
)

__all__ = [
    "MAX_TALK_MS",
    "Answer",
    "AnswerRefused",
    "Heard",
    "Judge",
    "Judgement",
    "Listener",
    "ListeningUnavailable",
    "Reason",
    "Refusal",
    "WordFeedback",
]
