"""An answer as the second reader sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.hybrid_analyzer.analyzer import LanguageAnalysis
from app.services.speech import Word


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what was said, and what the rules made of it.

    `words` are the recognised words of `text`, empty for a written transcript.
    """

    turn_id: str
    part: int
    question: str
    text: str
    words: Sequence[Word]
    language: LanguageAnalysis
