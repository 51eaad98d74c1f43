"""Drills: what a card is practised with."""

from app.services.training_engine.drills.choose import (
    card_structure,
    drill_of,
    drill_types,
    elicited_structure,
    kinds_with,
)
from app.services.training_engine.drills.types import (
    READ_ALOUD,
    SPOKEN_ONLY,
    Drill,
    DrillNotPossible,
    DrillType,
    Target,
)
from app.services.training_engine.drills.words import likeness, normal_words, place_of

__all__ = [
    "READ_ALOUD",
    "SPOKEN_ONLY",
    "Drill",
    "DrillNotPossible",
    "DrillType",
    "Target",
    "card_structure",
    "drill_of",
    "drill_types",
    "elicited_structure",
    "kinds_with",
    "likeness",
    "normal_words",
    "place_of",
]
