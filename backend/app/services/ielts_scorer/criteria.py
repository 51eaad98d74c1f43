"""The four criteria, in the order in which they are reported."""

from typing import Final

from app.services.hybrid_analyzer import Criterion

CRITERIA: Final[tuple[Criterion, ...]] = (
    "fluency_coherence",
    "lexical_resource",
    "grammatical_range_accuracy",
    "pronunciation",
)
