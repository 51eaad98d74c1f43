"""The text a speaker meant: disfluencies left out, every character traceable to the original."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.hybrid_analyzer.disfluency import Disfluency


@dataclass(frozen=True, slots=True)
class CleanText:
    """`text` without disfluencies; `origin[i]` is the position in the original of character `i`."""

    text: str
    origin: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original's characters for `start` (inclusive) to `end` (exclusive, above `start`)."""
        return self.origin[start], self.origin[end - 1] + 1


def leave_out(text: str, disfluencies: Sequence[Disfluency]) -> CleanText:
    """Drop the given stretches, the comma or dots that hung on them, and doubled spaces."""
    keep = bytearray(b"\x01") * len(text)
    for gap in disfluencies:
        end = gap.end
        while end < len(text) and text[end] in ",-–—…. " and _hangs(text, gap.end, end):
            end += 1
        keep[gap.start : end] = bytes(end - gap.start)
    chars: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        if not keep[index] or (char == " " and (not chars or chars[-1] == " ")):
            continue
        chars.append(char)
        origin.append(index)
    return CleanText("".join(chars), tuple(origin))


def _hangs(text: str, word_end: int, at: int) -> bool:
    """Whether the character at `at` belongs to the dropped word: a comma or ellipsis, not a full stop."""
    char = text[at]
    if char == ".":
        return text[word_end : at + 1].strip(".") == "" and text[word_end : word_end + 2] == ".."
    return True
