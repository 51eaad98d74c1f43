"""From speech probabilities to speech: where it starts, where it stops, and the spans between.

Pure. Hysteresis as in the reference implementation of Silero VAD: speech starts at one threshold and stops
at a lower one, and short dips and blips count for nothing. An event is found out some windows late, but its
position is where the speech started or stopped.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.services.speech.types import SpeechSpan

WINDOW_MS = 32
"""What one probability stands for."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech is heard from `at_ms` on."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Speech was last heard before `at_ms`."""

    at_ms: int


SpeechEvent = SpeechStarted | SpeechStopped


@dataclass(frozen=True, slots=True)
class SegmenterSettings:
    """Thresholds (0-1) and durations.

    Speech starts with a probability of `start`; it counts once it has not fallen below `stop` for
    `min_speech_ms`, with at least `min_windows` windows at `start` or above. It ends when a probability below
    `stop` is followed by `min_silence_ms` without one of `start` or above.
    """

    start: float = 0.5
    stop: float = 0.35
    min_windows: int = 2
    min_speech_ms: int = 96
    min_silence_ms: int = 160


DEFAULTS = SegmenterSettings()


class Segmenter:
    """Fed the probabilities of one signal in order; the first window starts at `start_ms`."""

    def __init__(self, *, start_ms: int = 0, settings: SegmenterSettings = DEFAULTS) -> None:
        self._settings = settings
        self._now_ms = start_ms
        self._spans: list[SpeechSpan] = []
        self._speaking = False
        self._onset_ms: int | None = None
        self._loud_windows = 0
        self._silent_from_ms: int | None = None

    @property
    def now_ms(self) -> int:
        """The end of the last window."""
        return self._now_ms

    @property
    def speaking(self) -> bool:
        """Whether speech has started and not stopped."""
        return self._speaking

    def feed(self, probabilities: Iterable[float]) -> list[SpeechEvent]:
        """Take the next windows and return what was found out by them, in order."""
        events: list[SpeechEvent] = []
        for probability in probabilities:
            window_ms = self._now_ms
            self._now_ms += WINDOW_MS
            event = (
                self._hear(probability, window_ms) if self._speaking else self._wait(probability, window_ms)
            )
            if event is not None:
                events.append(event)
        return events

    def spans(self, start_ms: int = 0, end_ms: int | None = None) -> tuple[SpeechSpan, ...]:
        """Return the speech within [start_ms, end_ms), ordered and disjoint; what goes on counts so far.

        `end_ms` None means everything fed.
        """
        end_ms = self._now_ms if end_ms is None else end_ms
        current = [SpeechSpan(self._onset_ms, self._heard_until_ms)] if self._onset_ms is not None else []
        known = [*self._spans, *(current if self._speaking else [])]
        clipped = (SpeechSpan(max(s.start_ms, start_ms), min(s.end_ms, end_ms)) for s in known)
        return tuple(s for s in clipped if s.start_ms < s.end_ms)

    @property
    def _heard_until_ms(self) -> int:
        return self._now_ms if self._silent_from_ms is None else self._silent_from_ms

    def _wait(self, probability: float, window_ms: int) -> SpeechEvent | None:
        settings = self._settings
        if self._onset_ms is None:
            if probability < settings.start:
                return None
            self._onset_ms, self._loud_windows = window_ms, 0
        elif probability < settings.stop:
            self._onset_ms = None
            return None
        self._loud_windows += probability >= settings.start
        long_enough = self._now_ms - self._onset_ms >= settings.min_speech_ms
        if not long_enough or self._loud_windows < settings.min_windows:
            return None
        self._speaking = True
        self._silent_from_ms = None
        return SpeechStarted(self._onset_ms)

    def _hear(self, probability: float, window_ms: int) -> SpeechEvent | None:
        settings = self._settings
        if probability >= settings.start:
            self._silent_from_ms = None
        elif probability < settings.stop and self._silent_from_ms is None:
            self._silent_from_ms = window_ms
        stopped_ms, onset_ms = self._silent_from_ms, self._onset_ms
        if stopped_ms is None or onset_ms is None or self._now_ms - stopped_ms < settings.min_silence_ms:
            return None
        self._spans.append(SpeechSpan(onset_ms, stopped_ms))
        self._speaking = False
        self._onset_ms = None
        return SpeechStopped(stopped_ms)
