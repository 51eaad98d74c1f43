"""English phone classes (ARPAbet without stress) and their spellings in the two alphabets the models use."""

import numpy as np
from numpy.typing import NDArray

from app.services.pronunciation_engine.learned.types import Floats, Phone

PHONES = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY",
    "F", "G", "HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY",
    "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
INDEX = {phone: index for index, phone in enumerate(PHONES)}
VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
IS_VOWEL = np.array([phone in VOWELS for phone in PHONES])
OTHER, BLANK, CLASSES = 39, 40, 41

_SYMBOLS = {
    "AA": "ɑ ɒ", "AE": "æ a", "AH": "ʌ ə ɐ ᵊ ɘ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b ɓ",
    "CH": "t͡ʃ t͡ɕ t͡ɕʰ t͡ɕ͈", "D": "d ɖ ɗ", "DH": "ð", "EH": "ɛ eə", "ER": "ɝ ɚ ɜ", "EY": "eɪ e",
    "F": "f ɸ", "G": "g ɡ", "HH": "h ɦ ħ x χ", "IH": "ɪ ɨ ɪə", "IY": "i", "JH": "d͡ʒ", "K": "k kʰ k͈",
    "L": "l ɫ ɮ", "M": "m ɱ", "N": "n ɲ", "NG": "ŋ", "OW": "oʊ o", "OY": "ɔɪ", "P": "p pʰ p͈",
    "R": "ɹ r ɻ ɽ ɾ ʁ", "S": "s s͈", "SH": "ʃ ɕ ʂ", "T": "t tʰ t͈ ʈ", "TH": "θ", "UH": "ʊ", "UW": "u ʉ",
    "V": "v ʋ β", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ ʐ ʑ",
}  # fmt: skip
IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ə", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "EH": "e", "ER": "ɜ", "EY": "eɪ", "F": "f", "G": "g", "HH": "h", "IH": "ɪ", "IY": "i",
    "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p",
    "R": "r", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w",
    "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""The classes as results spell them; AH is both the schwa and the vowel of `cut`."""

_MISAKI = {
    "A": "EY", "I": "AY", "O": "OW", "Q": "OW", "W": "AW", "Y": "OY", "a": "AA", "i": "IY", "u": "UW",
    "æ": "AE", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "ə": "AH", "ɛ": "EH", "ɜ": "ER", "ɪ": "IH", "ʊ": "UH",
    "ʌ": "AH", "ᵻ": "IH", "ᵊ": "AH", "b": "B", "d": "D", "f": "F", "h": "HH", "j": "Y", "k": "K",
    "l": "L", "m": "M", "n": "N", "p": "P", "s": "S", "t": "T", "v": "V", "w": "W", "z": "Z", "ð": "DH",
    "ŋ": "NG", "ɡ": "G", "ɹ": "R", "ɾ": "T", "T": "T", "ʃ": "SH", "ʒ": "ZH", "ʤ": "JH", "ʧ": "CH",
    "θ": "TH", "e": "EH", "o": "OW", "r": "R", "g": "G", "x": "HH",
}  # fmt: skip


def classes_of(tokens: list[str]) -> NDArray[np.int64]:
    """The phone class of every symbol of an IPA posterior model (word boundary counts as blank)."""
    table = {symbol: INDEX[phone] for phone, symbols in _SYMBOLS.items() for symbol in symbols.split()}
    table.update({"<blank>": BLANK, "<wb>": BLANK})
    return np.array([table.get(token, OTHER) for token in tokens])


def fold(log_probs: Floats, classes: NDArray[np.int64]) -> Floats:
    """(frames, symbols) log-probabilities -> (frames, 41), the variants of a phone summed."""
    probs = np.exp(log_probs.astype(np.float32))
    members = np.eye(CLASSES, dtype=np.float32)[classes]
    folded: Floats = np.log(probs @ members + 1e-6).astype(np.float32)
    return folded


def from_misaki(spelling: str) -> tuple[Phone, ...]:
    """Phones of one word in the misaki alphabet; stress marks stand before the vowel they lift."""
    phones: list[Phone] = []
    stress = 0
    for symbol in spelling.replace("ɜɹ", "ɜ").replace("əɹ", "ɜ"):
        if symbol in "ˈˌ":
            stress = 1 if symbol == "ˈ" else 2
        elif symbol in _MISAKI:
            name = _MISAKI[symbol]
            phones.append(Phone(name, stress if name in VOWELS else 0))
            stress = 0 if name in VOWELS else stress
    return tuple(phones)
