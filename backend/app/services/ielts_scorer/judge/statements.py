"""The answers as they are put before the judge, and where its quotes are in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.hybrid_analyzer.transcript import read_transcript
from app.services.ielts_scorer.sample import Evidence
from app.services.speech import Word


@dataclass(frozen=True, slots=True)
class Statement:
    """One answer: what was asked and said. `words` are the recognised words of `text`, if they have times."""

    turn_id: str
    part: int
    question: str
    text: str
    words: Sequence[Word]

    def find(self, quote: str) -> Evidence | None:
        """Return the first place where the quote was said, word for word; None if it never was.

        Capitals and punctuation, which a recogniser makes, do not count.
        """
        transcript = read_transcript(self.text, self.words)
        wanted = [token.lower for token in read_transcript(quote).tokens]
        said = [token.lower for token in transcript.tokens]
        for start in range(len(said) - len(wanted) + 1):
            if wanted and said[start : start + len(wanted)] == wanted:
                first = transcript.tokens[start].start
                last = transcript.tokens[start + len(wanted) - 1].end
                return Evidence(self.text[first:last], self.turn_id, *transcript.times(first, last))
        return None
