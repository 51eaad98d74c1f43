"""Phone results as plain data: what was expected, what it sounded most like, where, and how good it was.

Phones are in IPA. Different phone sets (CMU, misaki, CTC models) meet in `plain_phone`.
"""

import unicodedata
from dataclasses import dataclass

_SPELLINGS = {
    "ɡ": "g", "ʧ": "tʃ", "ʤ": "dʒ", "ɝ": "ɜ", "ɚ": "ə", "ᵊ": "ə", "ᵻ": "ɪ", "ɹ": "r", "ɻ": "r", "ɫ": "l",
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "T": "ɾ", "ɐ": "ʌ", "ɛ": "e", "a": "æ",
}  # fmt: skip
_MARKS = frozenset("ˈˌːˑʰʷʲˠˤ‿͜͡")
POOR_SCORE = 35.0
"""A phone scored higher than this was good enough, whatever else it resembles. Of the sounds of read texts
that score less and sound most like what a sound rule names, experts minded four in five (22 of 28)."""


@dataclass(frozen=True, slots=True)
class PhoneScore:
    """One phone of a word.

    `phone` is the expected one, empty for a sound that was added. `sound_most_like` is the likeliest one
    heard, empty where nothing was said. `accuracy_score` is 0-100, after weak forms and the phone's own bias
    are allowed for; None for an added sound. Times are session milliseconds.
    """

    phone: str
    sound_most_like: str
    accuracy_score: float | None
    start_ms: int
    end_ms: int

    @property
    def taken_for(self) -> str | None:
        """The other phone that it was said as, in plain spelling, or None if it was good enough or was added.

        Empty where it was left out.
        """
        heard = plain_phone(self.sound_most_like)
        poor = self.accuracy_score is not None and self.accuracy_score <= POOR_SCORE
        return heard if poor and heard != plain_phone(self.phone) else None


@dataclass(frozen=True, slots=True)
class WordPhones:
    """The phones of one word as it was said, in order.

    `probability` is the recogniser's for the word, 1.0 where the text was known beforehand. `known_text`
    tells drills from free speech, where phones are only possible.
    """

    word: str
    start_ms: int
    end_ms: int
    probability: float
    phones: tuple[PhoneScore, ...]
    known_text: bool = False


def plain_phone(phone: str) -> str:
    """Return a phone without stress, length and secondary articulation, in one spelling."""
    bare = "".join(
        c for c in unicodedata.normalize("NFD", phone) if c not in _MARKS and not unicodedata.combining(c)
    )
    return _SPELLINGS.get(bare, bare)


VOWELS = frozenset((
    "i", "ɪ", "e", "æ", "ɑ", "ɒ", "ɔ", "ʊ", "u", "ʌ", "ɜ", "ə", "o", "ɨ", "y", "ø", "œ", "eɪ", "aɪ", "ɔɪ",
    "oʊ", "əʊ", "aʊ", "ɪə", "eə", "ʊə",
))  # fmt: skip
"""Vowels as `plain_phone` spells them."""
