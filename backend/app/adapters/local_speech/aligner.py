"""Forced alignment with the acoustic model and the dictionary that the pocketsphinx wheel carries."""

import re
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from app.adapters.local_speech.hibari_lexicon import american
from app.services.pronunciation_engine import AlignedPhone, AlignedWord, AlignmentFailed
from app.services.speech import BYTES_PER_MS

FRAME_MS = 10
MIN_MS = 100
MAX_SECONDS = 30

_NOT_SPOKEN = re.compile(r"[^a-z']")
_VARIANT = re.compile(r"\(\d+\)$")
_FILLER = re.compile(r"^(?:<.*>|\[.*\]|\+\+.*\+\+)$")
_HESITATIONS = {
    "erm": "ER M",
    "errm": "ER M",
    "uhm": "AH M",
    "hmm": "HH M",
    "mm": "M",
    "mmm": "M",
    "urr": "ER",
}

_IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ə", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "EH": "e", "ER": "ɜ", "EY": "eɪ", "F": "f", "G": "g", "HH": "h", "IH": "ɪ", "IY": "i",
    "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p",
    "R": "r", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w",
    "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_MISAKI = {
    "A": "EY", "I": "AY", "O": "OW", "W": "AW", "Y": "OY", "i": "IY", "u": "UW", "æ": "AE", "ɑ": "AA",
    "ɔ": "AO", "ə": "AH", "ɛ": "EH", "ɜ": "ER", "ɪ": "IH", "ʊ": "UH", "ʌ": "AH", "ᵻ": "IH", "ᵊ": "AH",
    "b": "B", "d": "D", "f": "F", "h": "HH", "j": "Y", "k": "K", "l": "L", "m": "M", "n": "N", "p": "P",
    "s": "S", "t": "T", "v": "V", "w": "W", "z": "Z", "ð": "DH", "ŋ": "NG", "ɡ": "G", "ɹ": "R", "ɾ": "T",
    "T": "T", "ʃ": "SH", "ʒ": "ZH", "ʤ": "JH", "ʧ": "CH", "θ": "TH",
}  # fmt: skip
_MISAKI_VOWELS = frozenset("AIOWYiuæɑɔəɛɜɪʊʌᵻᵊ")


class SphinxAligner:
    """Implements Aligner, at about 0.03 s of computing per second of sound. Calls take turns."""

    def __init__(self) -> None:
        """Load the acoustic model and two dictionaries. Blocks for about a second."""
        from pocketsphinx import Decoder  # noqa: PLC0415 - heavy, off the event loop

        self._new_decoder: Callable[[], Any] = lambda: Decoder(
            lm=None, bestpath=False, ds=2, loglevel="FATAL"
        )
        self._decoder = self._new_decoder()
        self._g2p = american()
        self._turn = threading.Lock()

    def align(self, pcm: bytes, words: Sequence[str]) -> tuple[AlignedWord, ...]:
        """Lay `words` over `pcm`. Raises AlignmentFailed."""
        if not MIN_MS * BYTES_PER_MS <= len(pcm) <= MAX_SECONDS * 1_000 * BYTES_PER_MS:
            raise AlignmentFailed(f"less than {MIN_MS} ms or more than {MAX_SECONDS} s of sound at once")
        with self._turn:
            keys = [(index, key) for index, word in enumerate(words) if (key := self._key(word))]
            if not keys:
                raise AlignmentFailed("no word to look for")
            return self._aligned(pcm[: len(pcm) // 2 * 2], keys)

    def _aligned(self, pcm: bytes, keys: Sequence[tuple[int, str]]) -> tuple[AlignedWord, ...]:
        try:
            self._decoder.set_align_text(" ".join(key for _, key in keys))
            self._pass(pcm)
            self._decoder.set_alignment()
            self._pass(pcm)
            # Items of the native alignment are valid only until the next one is asked for: copy at once.
            items = [
                (w.name, tuple((p.name, p.start, p.duration) for p in w))
                for w in self._decoder.get_alignment()
            ]
        except RuntimeError as failure:
            # A decoder that failed once may stay in the middle of its utterance for good.
            self._decoder = self._new_decoder()
            raise AlignmentFailed(str(failure)) from failure
        found = [(_VARIANT.sub("", name), phones) for name, phones in items if not _FILLER.match(name)]
        if [name for name, _ in found] != [key for _, key in keys]:
            raise AlignmentFailed("the words do not fit the sound")
        return tuple(self._word(i, key, said) for (i, key), (_, said) in zip(keys, found, strict=True))

    def _pass(self, pcm: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()

    def _word(self, index: int, key: str, said: Sequence[tuple[str, int, int]]) -> AlignedWord:
        phones = tuple(
            AlignedPhone(_IPA[name], start * FRAME_MS, (start + frames) * FRAME_MS)
            for name, start, frames in said
        )
        return AlignedWord(index, phones[0].start_ms, phones[-1].end_ms, phones, self._stress(key))

    def _key(self, word: str) -> str:
        """Return the word as the aligner's dictionary has it, added there if need be; empty without sound."""
        key = _NOT_SPOKEN.sub("", word.lower().replace("’", "'")).strip("'")
        if key and self._decoder.lookup_word(key) is not None:
            return key
        phones = _HESITATIONS.get(key) or " ".join(_MISAKI[s] for s in self._spelled(word) if s in _MISAKI)
        key = key or f"sign{len(word)}{''.join(c for c in word if c.isdigit())}"
        if not phones or self._decoder.lookup_word(key) is not None:
            return key if phones else ""
        self._decoder.add_word(key, phones, True)
        return key

    def _spelled(self, word: str) -> str:
        return str(self._g2p(word.strip()))

    def _stress(self, key: str) -> tuple[int, ...]:
        """Return the stress of each vowel, empty for words stressed differently as noun and verb."""
        return (
            _stress_of(self._spelled(key)) if not isinstance(self._g2p.lexicon.golds.get(key), dict) else ()
        )


@lru_cache(maxsize=8_192)
def _stress_of(spelling: str) -> tuple[int, ...]:
    digits: list[int] = []
    pending = 0
    for symbol in spelling:
        if symbol in "ˈˌ":
            pending = 1 if symbol == "ˈ" else 2
        elif symbol in _MISAKI_VOWELS:
            digits.append(pending)
            pending = 0
    return tuple(digits)
