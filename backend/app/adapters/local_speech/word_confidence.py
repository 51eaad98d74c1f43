"""How likely a recognised word is right: from how likely its tokens are, and those of the words around it.

Whisper is often sure of one word in the middle of nonsense, so the words around count as much as the word
itself. A logistic model fitted on 9,867 words of 1,340 recordings of 67 adults (speechocean762, train split,
whisper-base); across speakers its AUC is .89, that of the mean token probability alone .86. It says how often
words are right: of those it gives .5, 50 % are; of those it gives .8 to .9, 85 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from app.services.speech import Word

AROUND = 4
"""How many words before and behind say whether the recogniser follows the speaker at all."""


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word with its times in milliseconds, and the probability of each of the tokens that spell it."""

    text: str
    start_ms: int
    end_ms: int
    chances: tuple[float, ...]

    @property
    def chance(self) -> float:
        """The mean of its tokens' probabilities, 0-1."""
        return min(1.0, max(0.0, sum(self.chances) / len(self.chances)))


INTERCEPT, OWN, BESIDE, AROUND_IT, A_TOKEN, LOG_MS = -4.93, 3.92, 1.72, 2.14, -1.77, 0.37
SPARE_MS = 20


def with_confidence(words: Sequence[AlignedWord]) -> tuple[Word, ...]:
    """Return the words of one piece of speech, in order, each with the chance (0-1) that it is right."""
    chances = [word.chance for word in words]
    return tuple(
        Word(word.text, word.start_ms, word.end_ms, _confidence(word, at, chances))
        for at, word in enumerate(words)
    )


def _confidence(word: AlignedWord, at: int, chances: Sequence[float]) -> float:
    odds = (
        INTERCEPT
        + OWN * chances[at]
        + BESIDE * _mean_around(chances, at, 1)
        + AROUND_IT * _mean_around(chances, at, AROUND)
        + A_TOKEN * len(word.chances)
        + LOG_MS * log(word.end_ms - word.start_ms + SPARE_MS)
    )
    return 1 / (1 + exp(-odds))


def _mean_around(chances: Sequence[float], at: int, reach: int) -> float:
    """Return the mean over the words within `reach`, without the word itself unless it stands alone."""
    around = [*chances[max(0, at - reach) : at], *chances[at + 1 : at + reach + 1]]
    return sum(around) / len(around) if around else chances[at]
