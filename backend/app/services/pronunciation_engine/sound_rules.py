"""Packs of sound rules declared as data: which phone is heard as which other, where, and what to say then.

A pack is a JSON file {family, name, version, patterns: [...], word_stress: {...}}. A pattern names the
`expected` phones and the phones they are `heard` as, both in the spelling of `plain_phone`; an empty string
stands for no sound, so that `heard` [""] is a lost sound and `expected` [""] an added one. `where` narrows
the place in the word.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from app.services.pronunciation_engine.phones import VOWELS, PhoneScore, plain_phone

Where = Literal["any", "final", "not_final", "only_vowel", "later_vowel", "final_cluster", "initial_cluster"]
"""Where phone sets write the vowels of `cut` and `about` alike, `only_vowel` (of a word of one syllable) and
`later_vowel` (after the first) tell them apart."""

Load = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class SoundRule:
    """One sound rule. `functional_load` says how many words the contrast keeps apart: drill `high` first."""

    id: str
    name: str
    expected: frozenset[str]
    heard: frozenset[str]
    where: Where
    functional_load: Load
    explanation: str
    explanation_uz: str
    minimal_pairs: tuple[tuple[str, str], ...]
    drill_hint: str
    drill_hint_uz: str
    source: str

    def concerns(self, phones: tuple[PhoneScore, ...], index: int, following: PhoneScore | None) -> bool:
        """Say whether the phone at `index` of a word is one in which this rule could show.

        `following` is the next word's first phone, if that word follows without a pause.
        """
        phone = plain_phone(phones[index].phone)
        return phone in self.expected and self._in_place(phones, index, following)

    def _in_place(self, phones: tuple[PhoneScore, ...], index: int, following: PhoneScore | None) -> bool:
        spoken = [(i, plain_phone(p.phone)) for i, p in enumerate(phones)]
        before = [p for i, p in spoken if i < index and p]
        after = [p for i, p in spoken if i > index and p]
        match self.where:
            case "any":
                return True
            case "final":
                return not after
            case "not_final":
                return bool(after)
            case "only_vowel":
                return not VOWELS.intersection((*before, *after))
            case "later_vowel":
                return bool(VOWELS.intersection(before))
            case "final_cluster":
                clustered = bool(before) and before[-1] not in VOWELS and not VOWELS.intersection(after)
                return clustered and not _goes_unheard(phones[index], after, following)
            case "initial_cluster":
                return _begins_cluster(before, after)


def _begins_cluster(before: list[str], after: list[str]) -> bool:
    """Whether a sound here lies within or right before the consonants that open a word with two or more."""
    opening = [*before, *after][:2]
    return len(opening) == 2 and not VOWELS.intersection(opening) and len(before) < len(opening)


def _goes_unheard(phone: PhoneScore, after: list[str], following: PhoneScore | None) -> bool:
    """Whether t or d stands between consonants, where careful speakers drop it too."""
    if plain_phone(phone.phone) not in {"t", "d"}:
        return False
    return bool(after) or (following is not None and plain_phone(following.phone) not in VOWELS)


@dataclass(frozen=True, slots=True)
class StressRule:
    """What to say when the stress of words keeps falling on another syllable."""

    id: str
    name: str
    functional_load: Load
    explanation: str
    explanation_uz: str
    minimal_pairs: tuple[tuple[str, str], ...]
    drill_hint: str
    drill_hint_uz: str


@dataclass(frozen=True, slots=True)
class SoundPack:
    """The rules for the speakers of one first language."""

    patterns: tuple[SoundRule, ...]
    word_stress: StressRule


@cache
def load_sound_pack(path: Path) -> SoundPack:
    """Read a pack. Raises msgspec.ValidationError when a rule lacks something."""
    return msgspec.convert(json.loads(path.read_text(encoding="utf-8")), SoundPack)
