"""The reply that is asked for, and reading it: item by item, so that one bad item costs only itself."""

from collections.abc import Iterable
from typing import Literal, TypeVar

import msgspec

from app.services.hybrid_analyzer.findings import Severity

MAX_REPLY_CHARS = 100_000

T = TypeVar("T")


class Proposal(msgspec.Struct, frozen=True):
    """A mistake the model believes to see.

    `quote` is copied from the answer, whole words. `occurrence` says which one is meant where the answer has
    the same words more than once, counted from 1.
    """

    quote: str
    correction: str
    category: str
    severity: Severity
    confidence: float
    explanation: str
    explanation_uz: str | None = None
    occurrence: int | None = None


class Verdict(msgspec.Struct, frozen=True):
    """What the model says about a place that a rule suspects."""

    id: str
    verdict: Literal["mistake", "correct"]


class Reply(msgspec.Struct, frozen=True):
    """The whole reply."""

    findings: list[Proposal] = []
    verdicts: list[Verdict] = []


class _Items(msgspec.Struct):
    findings: list[msgspec.Raw] = []
    verdicts: list[msgspec.Raw] = []


class UnreadableReply(ValueError):
    """The reply is not JSON of the asked shape, or far too long."""


def read_reply(text: str) -> tuple[list[Proposal], list[Verdict], int]:
    """Return the proposals, the verdicts, and how many items were malformed. Raises UnreadableReply."""
    if len(text) > MAX_REPLY_CHARS:
        raise UnreadableReply(f"{len(text)} characters")
    try:
        items = msgspec.json.decode(text.encode("utf-8", "replace"), type=_Items)
    except (msgspec.DecodeError, RecursionError) as broken:
        raise UnreadableReply(str(broken)) from broken
    proposals = list(_read(items.findings, Proposal))
    verdicts = list(_read(items.verdicts, Verdict))
    malformed = len(items.findings) + len(items.verdicts) - len(proposals) - len(verdicts)
    return proposals, verdicts, malformed


def _read(raw: Iterable[msgspec.Raw], kind: type[T]) -> Iterable[T]:
    for item in raw:
        try:
            yield msgspec.json.decode(item, type=kind)
        except (msgspec.DecodeError, RecursionError):
            continue
