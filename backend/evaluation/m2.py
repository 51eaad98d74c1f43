"""Reading M2, the format of annotated learner text (Dahlmeier & Ng 2012), as ERRANT writes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NO_EDIT = "noop"
_SPACE_TOKEN = re.compile(r" {3,}")
"""A token that is itself white space, between its two separators; spaCy makes one of doubled spaces."""


class BadM2(ValueError):
    """A line that is no M2; the message names the line."""


@dataclass(frozen=True, slots=True)
class M2Edit:
    """Tokens `start` (inclusive) to `end` (exclusive) become `correction`, tokens joined by spaces."""

    start: int
    end: int
    category: str
    correction: str


@dataclass(frozen=True, slots=True)
class M2Sentence:
    """A tokenised sentence and the edits of each annotator, who may have found nothing to edit."""

    tokens: tuple[str, ...]
    annotators: tuple[tuple[M2Edit, ...], ...]


def _edit(line: str, number: int, length: int) -> tuple[int, M2Edit | None]:
    """Return the annotator's number and the edit, None where the annotator left the sentence as it is."""
    fields = line[2:].split("|||")
    try:
        start, end = (int(part) for part in fields[0].split())
        category, correction, annotator = fields[1], fields[2], int(fields[5])
    except (ValueError, IndexError):
        raise BadM2(
            f"line {number} is no M2 annotation (A start end|||type|||correction|||…|||…|||annotator)"
        ) from None
    if category == _NO_EDIT or start < 0:
        return annotator, None
    if not start <= end <= length:
        raise BadM2(f"line {number} edits tokens {start}-{end} of a sentence of {length}")
    correction = "" if correction == "-NONE-" else correction.split("||")[0]
    return annotator, M2Edit(start, end, category, " ".join(correction.split()))


def parse_m2(text: str) -> Iterator[M2Sentence]:
    """Read sentences one after the other. Raises BadM2 for a malformed line."""
    tokens: tuple[str, ...] | None = None
    edits: dict[int, list[M2Edit]] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("S ") or line == "S":
            if tokens is not None:
                yield _sentence(tokens, edits)
            tokens, edits = _tokens(raw), {}
        elif line.startswith("A "):
            if tokens is None:
                raise BadM2(f"line {number} annotates a sentence that is not there")
            annotator, edit = _edit(line, number, len(tokens))
            edits.setdefault(annotator, []).extend([edit] if edit else [])
        elif line:
            raise BadM2(f"line {number} begins with neither S nor A")
    if tokens is not None:
        yield _sentence(tokens, edits)


def _tokens(line: str) -> tuple[str, ...]:
    """Return the tokens of an S line; a token of white space is an empty string."""
    runs = _SPACE_TOKEN.split(line[2:])
    tokens = [token for run in runs for token in ("", *run.split())]
    return tuple(tokens[1:])


def _sentence(tokens: tuple[str, ...], edits: dict[int, list[M2Edit]]) -> M2Sentence:
    ordered = (sorted(edits[a], key=lambda e: (e.start, e.end)) for a in sorted(edits))
    return M2Sentence(tokens, tuple(tuple(e) for e in ordered) or ((),))


def read_m2(path: Path) -> tuple[M2Sentence, ...]:
    """Read a file. Raises OSError, UnicodeDecodeError or BadM2."""
    return tuple(parse_m2(path.read_text(encoding="utf-8-sig")))
