"""An edit tagger that says what it was told to."""

from collections.abc import Mapping, Sequence

from app.services.hybrid_analyzer import Answered, EditTagger, LanguageAnalysis, LanguageAnalyzer, Vote
from app.services.speech import Word


def vote_on(
    analyzer: LanguageAnalyzer,
    tagger: EditTagger,
    analysis: LanguageAnalysis,
    text: str,
    words: Sequence[Word] = (),
) -> LanguageAnalysis:
    """Return the analysis of a talk's only answer after the second vote."""
    (voted,) = analyzer.with_second_votes([Answered("t", text, tuple(words), analysis)], tagger)
    return voted


class ScriptedTagger:
    """Votes for an edit wherever its word stands; keeps the texts it was asked about."""

    def __init__(self, edits: Mapping[str, str], probability: float = 0.75) -> None:
        self._edits = edits
        self._probability = probability
        self.asked: list[tuple[str, ...]] = []

    def votes(self, words: Sequence[str]) -> tuple[Vote, ...]:
        """Vote on each word that has an edit."""
        self.asked.append(tuple(words))
        return tuple(
            Vote(at, self._edits[word], self._probability)
            for at, word in enumerate(words)
            if word in self._edits
        )
