"""Spans: what took how long on the way of one request, one connection or one job, and what came of it.

Nothing is recorded, and next to nothing is paid, until a process says who records. Attributes hold ids, names
of routes and providers, numbers; never what somebody said.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Literal, Protocol

Kind = Literal["server", "client", "consumer", "internal"]
Value = str | int | float | bool


class Span(Protocol):
    """A span under way."""

    def rename(self, name: str) -> None:
        """Give it the name that it should have had from the start."""
        ...

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Add what is known only now."""
        ...

    def failed(self, kind: str) -> None:
        """Say that it went wrong, and by which kind of error."""
        ...


class Recorder(Protocol):
    """Whoever records spans."""

    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Mapping[str, Value]
    ) -> AbstractContextManager[Span]:
        """Record while the block runs, below `parent` (W3C traceparent) or else the span that is open.

        An exception that leaves the block marks the span as failed, by its type alone.
        """
        ...

    def trace_id(self) -> str | None:
        """Return the id of the trace that is open, 32 hexadecimal digits."""
        ...


class _NoSpan:
    def rename(self, name: str) -> None:
        """Do nothing."""

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Do nothing."""

    def failed(self, kind: str) -> None:
        """Do nothing."""


class _Nobody:
    """Implements Recorder: records nothing."""

    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Mapping[str, Value]
    ) -> AbstractContextManager[Span]:
        return _UNRECORDED

    def trace_id(self) -> str | None:
        return None


_UNRECORDED = nullcontext(_NoSpan())
_recorder: Recorder = _Nobody()


def record_with(recorder: Recorder | None) -> None:
    """Let `recorder` record every span of this process from now on; None: nobody does."""
    global _recorder  # noqa: PLW0603 - one a process, as the log is
    _recorder = recorder or _Nobody()


def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str | None = None,
    attributes: Mapping[str, Value] = MappingProxyType({}),
) -> AbstractContextManager[Span]:
    """Record a span while the block runs."""
    return _recorder.span(name, kind, parent, attributes)


def trace_id() -> str | None:
    """Return the id of the trace that is open, if any is recorded."""
    return _recorder.trace_id()
