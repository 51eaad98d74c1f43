"""Putting placeholders for what tells who somebody is, and putting it back."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.services.pii.patterns import Kind, Span, spans

_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_SHORT_NAME = 3


class Masker:
    """Masks texts that belong together: the same thing gets the same placeholder in all, such as [NAME_1]."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """`names` are masked wherever they stand as a word, however they are written."""
        self._names = _names_pattern(names)
        self._placeholders: dict[str, str] = {}
        self._originals: dict[str, str] = {}
        self._counted = Counter[Kind]()

    def mask(self, text: str) -> str:
        """Return `text` with placeholders. What is masked already stays as it is."""
        pieces, done = [], 0
        for start, end, kind in _apart([*spans(text), *self._name_spans(text)]):
            pieces += [text[done:start], self._placeholder(text[start:end], kind)]
            done = end
        return "".join([*pieces, text[done:]])

    def mask_all(self, value: Any) -> Any:
        """Return a JSON value with every text in it masked."""
        match value:
            case str():
                return self.mask(value)
            case list():
                return [self.mask_all(item) for item in value]
            case dict():
                return {key: self.mask_all(item) for key, item in value.items()}
            case _:
                return value

    def unmask_json(self, text: str) -> str:
        """Return the text of a JSON document with the originals in place of our placeholders."""
        return _PLACEHOLDER.sub(self._original, text)

    def _original(self, placeholder: re.Match[str]) -> str:
        original = self._originals.get(placeholder.group())
        return placeholder.group() if original is None else json.dumps(original, ensure_ascii=False)[1:-1]

    def _name_spans(self, text: str) -> Iterable[Span]:
        if self._names is not None:
            for match in self._names.finditer(text):
                yield match.start(), match.end(), "NAME"

    def _placeholder(self, original: str, kind: Kind) -> str:
        known = self._placeholders.get(original)
        if known is None:
            self._counted[kind] += 1
            known = self._placeholders[original] = f"[{kind}_{self._counted[kind]}]"
            self._originals[known] = original
        return known


def redacted(text: str) -> str:
    """Return `text` with placeholders, for good."""
    return Masker().mask(text)


def _apart(found: Iterable[Span]) -> list[Span]:
    """Return the spans in order without overlaps; of two the one that was found first stands."""
    kept: list[Span] = []
    for span in found:
        if all(span[1] <= other[0] or other[1] <= span[0] for other in kept):
            kept.append(span)
    return sorted(kept)


def _names_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds the names: short ones only as written, long ones in any case."""
    options = [
        re.escape(name) if len(name) <= _SHORT_NAME else f"(?i:{re.escape(name)})"
        for name in sorted(set(names), key=len, reverse=True)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(options)})(?!\w)") if options else None
