"""Packs of sound rules declared as data: which phone is heard as which other, where, and what to say then.

A pack is a JSON file {family, name, version, patterns: [...], drill_only: [...], word_stress: {...}}. A
pattern names the `expected` phones and the phones they are `heard` as, both in the spelling of `plain_phone`;
`where` narrows the place in the word. What cannot be heard for sure is `drill_only`: worth practising, never
said to have been heard, with the reason why.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from app.services.pronunciation_engine.phones import VOWELS, PhoneScore, plain_phone

Where = Literal["any", "final", "not_final", "only_vowel", "later_vowel"]
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

    def concerns(self, phones: tuple[PhoneScore, ...], index: int) -> bool:
        """Say whether the phone at `index` of a word is one in which this rule could show."""
        return plain_phone(phones[index].phone) in self.expected and self._in_place(phones, index)

    def _in_place(self, phones: tuple[PhoneScore, ...], index: int) -> bool:
        before = {plain_phone(p.phone) for p in phones[:index]}
        after = {plain_phone(p.phone) for p in phones[index + 1 :]}
        match self.where:
            case "any":
                return True
            case "final":
                return not after
            case "not_final":
                return bool(after)
            case "only_vowel":
                return not VOWELS & (before | after)
            case "later_vowel":
                return bool(VOWELS & before)


@dataclass(frozen=True, slots=True)
class SoundDrill:
    """A sound habit that is worth a drill and that nothing here can hear for sure."""

    id: str
    name: str
    functional_load: Load
    explanation: str
    explanation_uz: str
    minimal_pairs: tuple[tuple[str, str], ...]
    drill_hint: str
    drill_hint_uz: str
    source: str
    not_heard_because: str


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
    drill_only: tuple[SoundDrill, ...]
    word_stress: StressRule


@cache
def load_sound_pack(path: Path) -> SoundPack:
    """Read a pack. Raises msgspec.ValidationError when a rule lacks something."""
    return msgspec.convert(json.loads(path.read_text(encoding="utf-8")), SoundPack)
