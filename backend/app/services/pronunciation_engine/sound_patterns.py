"""Repeated substitutions in phone results, named and explained by the sound rules of a first language.

One slip is no pattern: it takes three tokens in two different words, and more of them than the phone model
finds by mistake in speech that has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, lgamma, log, log1p

from app.services.pronunciation_engine.phones import PhoneScore, WordPhones, plain_phone
from app.services.pronunciation_engine.sound_rules import Load, SoundRule, StressRule
from app.services.pronunciation_engine.stress import WordStress

MIN_TOKENS = 3
MIN_WORDS = 2
MIN_WORD_PROBABILITY = 0.8
"""In free speech a word that was itself unsure says nothing about its phones."""

DEFAULT_BIAS = 0.05
"""How often a phone is taken for another that was not said, where nothing was measured for the pair."""

CHANCE = 0.005
"""A rule speaks when its count, or a higher one, would come from the bias alone no more often than this."""

STRESS_BIAS = 0.05
"""How often the stress of a well pronounced word is heard on another syllable: 4 in 115 words of learners
rated 8 and more for accuracy (speechocean762, train split), none in 109 of a synthetic American voice."""

MAX_EXAMPLES = 6
WEAK_WORDS = frozenset((
    "a", "an", "the", "to", "of", "for", "from", "at", "as", "and", "or", "but", "than", "that", "this",
    "these", "those", "them", "they", "there", "then", "is", "am", "are", "was", "were", "be", "been",
    "has", "have", "had", "do", "does", "did", "can", "could", "would", "should", "will", "shall", "must",
    "some", "he", "she", "it", "we", "you", "me", "him", "her", "us", "his", "its", "our", "your", "their",
    "my", "i", "in", "on", "with", "not", "so", "if",
))  # fmt: skip
"""Words whose everyday form is reduced: their sounds are not held against anyone."""

_LOADS: tuple[Load, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class SoundExample:
    """One place where a pattern showed (session ms). Empty `heard` stands for no sound."""

    word: str
    expected: str
    heard: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SoundPattern:
    """A repeated substitution, explained.

    `count` of `opportunities` tokens showed it. `possible` says that the text was not known beforehand.
    """

    rule_id: str
    name: str
    count: int
    opportunities: int
    possible: bool
    functional_load: Load
    explanation: str
    explanation_uz: str
    minimal_pairs: tuple[tuple[str, str], ...]
    drill_hint: str
    drill_hint_uz: str
    examples: tuple[SoundExample, ...]


def find_sound_patterns(
    words: Sequence[WordPhones],
    rules: Sequence[SoundRule],
    bias: Mapping[tuple[str, str], float] | None = None,
) -> tuple[SoundPattern, ...]:
    """Return the patterns in `words` (in order of time), those that cost most understanding first.

    `bias` holds, per (expected, heard) pair of plain phones, the share of good tokens that the phone model
    takes for the other; DEFAULT_BIAS where it is silent. It only ever raises the bar.
    """
    usable = [word for word in words if _usable(word)]
    found: list[SoundPattern] = []
    for rule in rules:
        places = [
            (word, phone)
            for word in usable
            for i, phone in enumerate(word.phones)
            if rule.concerns(word.phones, i)
        ]
        hits = [(word, phone) for word, phone in places if _substituted(rule, phone)]
        enough = len(hits) >= MIN_TOKENS and len({w.word.lower() for w, _ in hits}) >= MIN_WORDS
        if enough and _beyond_chance(len(hits), len(places), _bias_of(hits, rule, bias or {})):
            found.append(_pattern(rule, hits, len(places)))
    return tuple(sorted(found, key=lambda p: (_LOADS.index(p.functional_load), -p.count, p.rule_id)))


def find_stress_pattern(words: Sequence[WordStress], rule: StressRule) -> SoundPattern | None:
    """Return the habit of stressing another syllable, None where there is no evidence for one.

    The examples count syllables from 1.
    """
    moved = [w for w in words if w.heard is not None and w.heard != w.expected]
    enough = len(moved) >= MIN_TOKENS and len({w.word.lower() for w in moved}) >= MIN_WORDS
    if not enough or not _beyond_chance(len(moved), len(words), STRESS_BIAS):
        return None
    return _explained(
        rule,
        len(moved),
        len(words),
        [
            SoundExample(
                w.word, f"syllable {w.expected + 1}", f"syllable {(w.heard or 0) + 1}", w.start_ms, w.end_ms
            )
            for w in moved
        ],
        possible=True,
    )


def _usable(word: WordPhones) -> bool:
    sure = word.known_text or word.probability >= MIN_WORD_PROBABILITY
    return sure and word.word.lower().strip(".,!?;:'\"") not in WEAK_WORDS


def _substituted(rule: SoundRule, phone: PhoneScore) -> bool:
    return phone.taken_for in rule.heard


def _bias_of(
    hits: Sequence[tuple[WordPhones, PhoneScore]], rule: SoundRule, bias: Mapping[tuple[str, str], float]
) -> float:
    """Return the rate at which the pairs seen here come up by mistake: per expected phone, summed."""
    expected = {plain_phone(p.phone) for _, p in hits}
    rates = [sum(bias.get((one, other), 0.0) for other in rule.heard) for one in expected]
    return min(0.95, max([DEFAULT_BIAS, *rates]))


def _beyond_chance(hits: int, chances: int, rate: float) -> bool:
    """One-sided binomial test of `hits` or more in `chances` tokens at `rate`."""
    below = (
        lgamma(chances + 1)
        - lgamma(k + 1)
        - lgamma(chances - k + 1)
        + k * log(rate)
        + (chances - k) * log1p(-rate)
        for k in range(hits)
    )
    return 1.0 - fsum(exp(x) for x in below) <= CHANCE


def _pattern(rule: SoundRule, hits: Sequence[tuple[WordPhones, PhoneScore]], chances: int) -> SoundPattern:
    examples = [
        SoundExample(w.word, plain_phone(p.phone), plain_phone(p.sound_most_like), w.start_ms, w.end_ms)
        for w, p in hits
    ]
    return _explained(rule, len(hits), chances, examples, possible=not all(w.known_text for w, _ in hits))


def _explained(
    rule: SoundRule | StressRule,
    count: int,
    opportunities: int,
    examples: Sequence[SoundExample],
    *,
    possible: bool,
) -> SoundPattern:
    return SoundPattern(
        rule_id=rule.id,
        name=rule.name,
        count=count,
        opportunities=opportunities,
        possible=possible,
        functional_load=rule.functional_load,
        explanation=rule.explanation,
        explanation_uz=rule.explanation_uz,
        minimal_pairs=rule.minimal_pairs,
        drill_hint=rule.drill_hint,
        drill_hint_uz=rule.drill_hint_uz,
        examples=tuple(examples[:MAX_EXAMPLES]),
    )
