"""A better version of an answer, out of the learner's own words: what is sure is corrected, what only held
the floor is left out, and nothing is invented."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.services.hybrid_analyzer.disfluency import Disfluency
from app.services.hybrid_analyzer.findings import Finding

_LEFT_OUT = frozenset({"filler", "repeat", "repair"})
_HANGING = ",-–—…"
"""Marks that a recogniser puts behind a hesitation; they go with it."""


@dataclass(frozen=True, slots=True)
class BetterChange:
    """One difference: characters `start` to `end` of the answer became `better_start` to `better_end` of the
    better version (ends exclusive). `finding_id` names the finding behind a correction."""

    kind: Literal["correction", "left_out"]
    start: int
    end: int
    better_start: int
    better_end: int
    said: str
    better: str
    finding_id: str | None = None


@dataclass(frozen=True, slots=True)
class BetterVersion:
    """The better text, and its differences in order. What is outside them is the answer's own, but for the
    capital of a word that has become the first of its sentence."""

    text: str
    changes: tuple[BetterChange, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    better: str
    finding_id: str | None


def better_version(
    text: str, findings: Sequence[Finding], disfluencies: Sequence[Disfluency]
) -> BetterVersion | None:
    """Return a better version of the answer `text`; None where nothing would change.

    `findings` of the answer, which do not overlap, are all applied. A hesitation that reaches into a
    correction stays out of it: the correction stands for what was meant.
    """
    pieces: list[str] = []
    changes: list[BetterChange] = []
    at = length = 0
    capital = False
    for edit in sorted(_edits(text, findings, disfluencies), key=lambda e: (e.start, e.end)):
        said = text[edit.start : edit.end]
        kept = text[at : edit.start]
        kept, capital = _begun(kept, capital=capital)
        better, capital = _begun(edit.better, capital=capital or said[:1].isupper())
        pieces += (kept, better)
        length += len(kept)
        changes.append(
            BetterChange(
                kind="correction" if edit.finding_id is not None else "left_out",
                start=edit.start,
                end=edit.end,
                better_start=length,
                better_end=length + len(better),
                said=said,
                better=better,
                finding_id=edit.finding_id,
            )
        )
        length += len(better)
        at = edit.end
    pieces.append(_begun(text[at:], capital=capital)[0])
    return BetterVersion("".join(pieces), tuple(changes)) if changes else None


def _begun(text: str, *, capital: bool) -> tuple[str, bool]:
    """Return the text, begun with a `capital` if one is due, and whether it is still due."""
    if not capital or not text:
        return text, capital
    return text[:1].upper() + text[1:], False


def _edits(text: str, findings: Sequence[Finding], disfluencies: Sequence[Disfluency]) -> Iterator[_Edit]:
    taken = [(f.char_start, f.char_end) for f in findings]
    for finding in findings:
        yield _Edit(finding.char_start, finding.char_end, finding.correction, finding.id)
    last = 0
    for gap in sorted(disfluencies, key=lambda d: (d.start, d.end)):
        if gap.kind not in _LEFT_OUT:
            continue
        start, end = _with_what_hangs_on(text, gap)
        start = max(start, last)
        if start < end and not any(start < other_end and other < end for other, other_end in taken):
            last = end
            yield _Edit(start, end, "", None)


def _with_what_hangs_on(text: str, gap: Disfluency) -> tuple[int, int]:
    """Return the gap with its comma and a blank; at the end of a sentence, with the comma before it."""
    start, end = gap.start, gap.end
    while end < len(text) and text[end] in _HANGING:
        end += 1
    if text[end : end + 1] == " ":
        return start, end + 1
    while start and text[start - 1] in f" {_HANGING}":
        start -= 1
    return start, end
