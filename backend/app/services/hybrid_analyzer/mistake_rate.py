"""How often a speaker makes mistakes, from an edit tagger's doubts about a whole talk, and what that makes of
each of them.

A tagger that learned from text where one word in 25 is wrong sees mistakes everywhere in the talk of somebody
who makes none. Saerens, Latinne & Decaestecker (2002), "Adjusting the outputs of a classifier to new a priori
probabilities": expectation maximisation finds the rate under which the doubts about all words add up to
themselves, and each probability follows from it by Bayes' rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.services.hybrid_analyzer.ports import Vote

LEARNED_RATE = 0.04
"""Share of wrong words in what the tagger learned from: its probabilities suppose this rate."""

_EXPECTED_RATE = 0.005
_EXPECTED_WORDS = 50
"""Before anything is heard a speaker is expected to make few mistakes; that weighs as much as 50 words."""

_LEAST_DOUBT, _MOST_DOUBT = 0.004, 0.999
"""Chance of a mistake at a word without a vote, and the highest of all."""

_ROUNDS = 60


def doubts(votes: Iterable[Vote], words: int) -> list[float]:
    """Return the chance (0-1) that each of so many words needs a change, in place or before it."""
    change: defaultdict[int, float] = defaultdict(float)
    before: defaultdict[int, float] = defaultdict(float)
    for vote in votes:
        (before if vote.edit.startswith("+") else change)[vote.token] += vote.probability
    chances = (1 - (1 - min(1.0, change[at])) * (1 - min(1.0, before[at])) for at in range(words))
    return [min(max(chance, _LEAST_DOUBT), _MOST_DOUBT) for chance in chances]


def mistake_rate(chances: Sequence[float]) -> float:
    """Return the share (0-1) of words with a mistake, given the doubts about all words of one speaker."""
    rate = _EXPECTED_RATE
    for _ in range(_ROUNDS):
        total = sum(_at_rate(chance, rate) for chance in chances)
        rate = (total + _EXPECTED_RATE * _EXPECTED_WORDS) / (len(chances) + _EXPECTED_WORDS)
    return rate


def at_rate(votes: Iterable[Vote], rate: float) -> tuple[Vote, ...]:
    """Return the votes with the probabilities they have for a speaker with this rate of mistakes.

    None becomes likelier than the tagger says: how bad somebody's English is proves no single mistake.
    """
    known = min(rate, LEARNED_RATE)
    return tuple(replace(vote, probability=_at_rate(vote.probability, known)) for vote in votes)


def _at_rate(chance: float, rate: float) -> float:
    wrong = chance * rate / LEARNED_RATE
    right = (1 - chance) * (1 - rate) / (1 - LEARNED_RATE)
    return wrong / (wrong + right)
