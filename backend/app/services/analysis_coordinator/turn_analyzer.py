"""Analysing one answer, during the talk or afterwards."""

from typing import Protocol

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.hybrid_analyzer import DEFAULT_RULES, LanguageAnalyzer, Parser, TrigramModel
from app.services.pronunciation_engine import Aligner, assess_delivery


class AnswerAnalyzer(Protocol):
    """Analyses answers, wherever the models are."""

    def analyze(self, turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
        """Analyse one answer as TurnAnalyzer does. Blocks, and may be called from several threads."""
        ...


class TurnAnalyzer:
    """Analyses answers. CPU-bound and thread-safe: call it in a thread pool."""

    def __init__(
        self, parser: Parser, trigrams: TrigramModel | None = None, aligner: Aligner | None = None
    ) -> None:
        self._aligner = aligner
        self._language = LanguageAnalyzer(parser, DEFAULT_RULES, trigrams)

    def analyze(self, turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
        """Analyse one answer.

        `pcm` is its 16 kHz mono PCM16, from the turn's start to its end; empty where no sound is kept. Any
        content is accepted: silence and noise give an analysis that says what is missing.
        """
        words = turn.speech.words
        language = self._language.analyze(turn.turn_id, turn.speech.text, words)
        delivery = assess_delivery(
            turn.speech,
            pcm,
            clause_starts=language.clause_starts,
            fillers=language.filler_words,
            aligner=self._aligner,
        )
        return TurnAnalysis(
            turn_id=turn.turn_id,
            index=turn.index,
            part=turn.part,
            rated=turn.rated,
            language=language,
            delivery=delivery,
        )
