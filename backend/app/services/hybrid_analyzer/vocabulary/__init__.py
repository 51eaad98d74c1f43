"""How common a word is, and from which CEFR level on learners have it. The data's sources: SOURCES.md."""

from app.services.hybrid_analyzer.vocabulary.headwords import BANDS, LEVELS, Headwords, Level, headwords
from app.services.hybrid_analyzer.vocabulary.profile import (
    CefrProfile,
    FrequencyProfile,
    cefr_profile,
    frequency_profile,
)

__all__ = [
    "BANDS",
    "LEVELS",
    "CefrProfile",
    "FrequencyProfile",
    "Headwords",
    "Level",
    "cefr_profile",
    "frequency_profile",
    "headwords",
]
