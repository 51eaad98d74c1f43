"""Spaced repetition: when a drill comes back, by SM-2 or FSRS behind one interface."""

from app.services.training_engine.fsrs import Fsrs
from app.services.training_engine.learner_day import LearnerDay, UnknownTimeZone
from app.services.training_engine.memory import (
    Algorithm,
    DamagedMemory,
    Grade,
    Memory,
    Review,
    Scheduler,
)
from app.services.training_engine.replay import replay, undo
from app.services.training_engine.sm2 import Sm2

__all__ = [
    "Algorithm",
    "DamagedMemory",
    "Fsrs",
    "Grade",
    "LearnerDay",
    "Memory",
    "Review",
    "Scheduler",
    "Sm2",
    "UnknownTimeZone",
    "replay",
    "undo",
]
