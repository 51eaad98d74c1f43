"""The word pieces that the encoder reads: BERT's, in lower case and without accents."""

from pathlib import Path

MAX_PIECES = 6
"""Pieces of one word that are read."""

_UNKNOWN = "[UNK]"


class Pieces:
    """Numbers of word pieces; `begin` and `end` stand around a text."""

    def __init__(self, vocabulary: Path) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 - for the few processes that read with it
        from tokenizers.models import WordPiece  # noqa: PLC0415
        from tokenizers.normalizers import BertNormalizer  # noqa: PLC0415
        from tokenizers.pre_tokenizers import BertPreTokenizer  # noqa: PLC0415

        names = vocabulary.read_text(encoding="utf-8").split("\n")
        numbers = {name: number for number, name in enumerate(names) if name}
        self._tokenizer = Tokenizer(WordPiece(numbers, unk_token=_UNKNOWN))
        self._tokenizer.normalizer = BertNormalizer(lowercase=True)
        self._tokenizer.pre_tokenizer = BertPreTokenizer()
        self._unknown = numbers[_UNKNOWN]
        self.begin, self.end = numbers["[CLS]"], numbers["[SEP]"]

    def of(self, word: str) -> list[int]:
        """Return the first pieces of a word, at least one."""
        readable = word.encode(errors="replace").decode()
        found: list[int] = self._tokenizer.encode(readable, add_special_tokens=False).ids
        return found[:MAX_PIECES] or [self._unknown]
