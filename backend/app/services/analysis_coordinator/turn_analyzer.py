"""Analysing one answer, during the talk or afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.hybrid_analyzer import (
    DEFAULT_RULES,
    Answered,
    EditTagger,
    LanguageAnalyzer,
    Parser,
    TrigramModel,
)
from app.services.pronunciation_engine import Aligner, assess_delivery


class AnswerAnalyzer(Protocol):
    """Analyses answers, wherever the models are."""

    def analyze(self, turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
        """Analyse one answer as TurnAnalyzer does. Blocks, and may be called from several threads."""
        ...

    def vote_again(self, answers: Sequence[tuple[LearnerTurn, TurnAnalysis]]) -> tuple[TurnAnalysis, ...]:
        """Look at analysed answers once more as TurnAnalyzer does. Blocks likewise."""
        ...


class TurnAnalyzer:
    """Analyses answers. CPU-bound and thread-safe: call it in a thread pool.

    `open_tagger` loads what second votes are taken with; None where it cannot be had.
    """

    def __init__(
        self,
        parser: Parser,
        trigrams: TrigramModel | None = None,
        aligner: Aligner | None = None,
        open_tagger: Callable[[], EditTagger | None] = lambda: None,
    ) -> None:
        self._aligner = aligner
        self._open_tagger = open_tagger
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

    def vote_again(self, answers: Sequence[tuple[LearnerTurn, TurnAnalysis]]) -> tuple[TurnAnalysis, ...]:
        """Return the analyses of a talk's answers with what the edit tagger sees beside the rules.

        For when the talk is over: it takes as long as all the rest of the language. The tagger's memory is
        held for the call only. Without a tagger answers stay as they are.
        """
        tagger = self._open_tagger() if answers else None
        if tagger is None:
            return tuple(analysis for _, analysis in answers)
        answered = [
            Answered(turn.turn_id, turn.speech.text, turn.speech.words, analysis.language)
            for turn, analysis in answers
        ]
        voted = self._language.with_second_votes(answered, tagger)
        return tuple(
            replace(analysis, language=language)
            for (_, analysis), language in zip(answers, voted, strict=True)
        )
