"""Scores learned from experts' ratings: of utterances, and of words and phones of a known text."""

from app.services.pronunciation_engine.learned.assessor import PronunciationAssessor
from app.services.pronunciation_engine.learned.chunks import STRETCH_S
from app.services.pronunciation_engine.learned.ports import LONGEST_S, Ears, Reference
from app.services.pronunciation_engine.learned.results import (
    METHOD_VERSION,
    PronunciationScores,
    ReadingResult,
    Reason,
    SpeechResult,
    Status,
    WordResult,
)
from app.services.pronunciation_engine.learned.steps import Steps, at_once, next_step
from app.services.pronunciation_engine.learned.types import (
    ASPECTS,
    Decoding,
    ExpectedWord,
    Floats,
    Heard,
    Phone,
    Tracks,
)
from app.services.pronunciation_engine.learned.weights import load_weights

__all__ = [
    "ASPECTS",
    "LONGEST_S",
    "METHOD_VERSION",
    "STRETCH_S",
    "Decoding",
    "Ears",
    "ExpectedWord",
    "Floats",
    "Heard",
    "Phone",
    "PronunciationAssessor",
    "PronunciationScores",
    "ReadingResult",
    "Reason",
    "Reference",
    "SpeechResult",
    "Status",
    "Steps",
    "Tracks",
    "WordResult",
    "at_once",
    "load_weights",
    "next_step",
]
