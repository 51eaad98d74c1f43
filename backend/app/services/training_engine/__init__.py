"""Training: cards made from mistakes, drills and their grading, spaced repetition, plan and progress."""

from app.services.training_engine.booking import Booked, book, current, rebooked, why
from app.services.training_engine.cards import (
    Card,
    CardKind,
    CardStatus,
    DamagedCard,
    Example,
    Material,
    Weakness,
    heard_again,
    new_card,
)
from app.services.training_engine.from_session import Said, weaknesses_of
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
from app.services.training_engine.replay import replay
from app.services.training_engine.schedulers import scheduler_named
from app.services.training_engine.sm2 import Sm2

__all__ = [
    "Algorithm",
    "Booked",
    "Card",
    "CardKind",
    "CardStatus",
    "DamagedCard",
    "DamagedMemory",
    "Example",
    "Fsrs",
    "Grade",
    "LearnerDay",
    "Material",
    "Memory",
    "Review",
    "Said",
    "Scheduler",
    "Sm2",
    "UnknownTimeZone",
    "Weakness",
    "book",
    "current",
    "heard_again",
    "new_card",
    "rebooked",
    "replay",
    "scheduler_named",
    "weaknesses_of",
    "why",
]
