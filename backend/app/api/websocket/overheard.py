"""What a learner says while nobody listens to them: kept, in case it belongs to the answer before."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.services.conversation import normalised
from app.services.speech import RecognitionStream, SpeechSpan

GIVEN_UP_MS = 1_000
"""Silence after which something overheard was a remark and no interruption."""


@dataclass(slots=True)
class Overheard:
    """Speech from `since_ms` on, being recognised. Positions are session milliseconds."""

    stream: RecognitionStream
    since_ms: int | None
    spans: list[SpeechSpan] = field(default_factory=list)
    text: str = ""

    @property
    def onset_ms(self) -> int:
        """Where the speech began."""
        if self.spans:
            return self.spans[0].start_ms
        assert self.since_ms is not None
        return self.since_ms

    def started(self, at_ms: int) -> None:
        """The learner goes on after a short pause."""
        if self.since_ms is None:
            self.since_ms = at_ms
            self.stream.resume(at_ms)

    def stopped(self, at_ms: int) -> None:
        """The learner is silent since `at_ms`."""
        if self.since_ms is not None:
            end_ms = max(at_ms, self.since_ms)
            self.spans.append(SpeechSpan(self.since_ms, end_ms))
            self.since_ms = None
            self.stream.pause(end_ms)

    def speech_ms(self, position_ms: int) -> int:
        """Return how much speech there has been up to `position_ms`."""
        going_on_ms = 0 if self.since_ms is None else position_ms - self.since_ms
        return going_on_ms + sum(span.end_ms - span.start_ms for span in self.spans)

    def words(self, examiner: str) -> int:
        """Return the number of words that are not the examiner's own, which a loudspeaker may bring back."""
        return _count_others(normalised(self.text).split(), normalised(examiner).split())

    def is_over(self, position_ms: int) -> bool:
        """Whether the learner has fallen silent again."""
        return self.since_ms is None and position_ms - self.spans[-1].end_ms >= GIVEN_UP_MS


def _count_others(words: Iterable[str], known: Iterable[str]) -> int:
    own = frozenset(known)
    return sum(word not in own for word in words)
