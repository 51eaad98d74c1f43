"""A recogniser with another one behind it that takes over in the middle of a turn."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from app.services.language_model import Breaker
from app.services.speech.errors import ModelNotReady, RecognitionFailed, SpeechError
from app.services.speech.kept_turn import KeptTurn
from app.services.speech.ports import RecognitionStream, SpeechToText
from app.services.speech.types import Partial, Utterance

log = structlog.get_logger(__name__)


class WithSubstitute:
    """A SpeechToText. What `first` has not finally transcribed of a turn is kept, and heard by `second` when
    `first` fails; while the breaker is open `second` hears whole turns.

    Streams of `first` may raise RecognitionFailed from `feed`, so that the change is made at once.
    """

    def __init__(
        self,
        first: SpeechToText,
        second: SpeechToText,
        breaker: Breaker,
        *,
        on_substitute: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_substitute` is called for every turn that `second` hears some of."""
        self._first = first
        self._second = second
        self._breaker = breaker
        self._on_substitute = on_substitute

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> "SubstitutedRecognition":
        """Begin a turn at `start_ms`. Raises ModelNotReady when neither can hear."""
        return SubstitutedRecognition(
            self._first if self._breaker.admits() else None,
            self._second,
            self._breaker,
            self._on_substitute,
            start_ms=start_ms,
            on_partial=on_partial,
            on_utterance=on_utterance,
            hints=hints,
        )


class SubstitutedRecognition:
    """One turn; implements RecognitionStream."""

    def __init__(
        self,
        first: SpeechToText | None,
        second: SpeechToText,
        breaker: Breaker,
        on_substitute: Callable[[], None],
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str],
    ) -> None:
        self._second = second
        self._breaker = breaker
        self._on_substitute = on_substitute
        self._on_partial = on_partial
        self._on_utterance = on_utterance
        self._hints = hints
        self._kept = KeptTurn(start_ms)
        self._noted: list[Utterance] = []
        self._failure: SpeechError | None = None
        self._admitted = first is not None
        self.substituted = False
        self._stream: RecognitionStream | None = None
        self._given_up: RecognitionStream | None = None
        if first is None:
            self._begin_second()
            if self._failure is not None:
                raise self._failure
            return
        try:
            self._stream = first.open(
                start_ms=start_ms, on_partial=on_partial, on_utterance=self._note, hints=hints
            )
        except SpeechError as failure:
            self._change_over(failure)
            if self._failure is not None:
                raise self._failure from failure

    def feed(self, pcm: bytes) -> None:
        """Add 16 kHz mono PCM16."""
        if self._stream is None:
            return
        if self.substituted:
            self._stream.feed(pcm)
            return
        self._kept.feed(pcm)
        try:
            self._stream.feed(pcm)
        except RecognitionFailed as failure:
            self._change_over(failure)

    def pause(self, at_ms: int) -> None:
        """Say that speech stopped at `at_ms`."""
        if not self.substituted:
            self._kept.pause(at_ms)
        if self._stream is not None:
            self._stream.pause(at_ms)

    def resume(self, at_ms: int) -> None:
        """Say that speech started or went on at `at_ms`."""
        if not self.substituted:
            self._kept.resume(at_ms)
        if self._stream is not None:
            self._stream.resume(at_ms)

    async def finish(self) -> tuple[Utterance, ...]:
        """Return every utterance of the turn. Raises RecognitionFailed when both have failed."""
        if self._stream is not None and not self.substituted:
            try:
                utterances = await self._stream.finish()
            except SpeechError as failure:
                self._change_over(failure)
            else:
                self._report(well=True)
                return utterances
        if self._failure is not None:
            raise self._failure
        assert self._stream is not None
        noted = len(self._noted)
        return (*self._noted, *(_shifted(utterance, noted) for utterance in await self._stream.finish()))

    async def aclose(self) -> None:
        """Drop the stream. Idempotent."""
        self._report(well=True)
        for stream in (self._given_up, self._stream):
            if stream is not None:
                await stream.aclose()

    def _note(self, utterance: Utterance) -> None:
        """Keep what `first` is sure of; only what comes after it would have to be heard again."""
        self._noted.append(utterance)
        self._kept.forget_before(utterance.end_ms)
        self._on_utterance(utterance)

    def _change_over(self, failure: SpeechError) -> None:
        log.warning("speech.substituted", reason=str(failure), kept_ms=self._kept.length_ms)
        self._report(well=False)
        self._given_up = self._stream
        self._begin_second()

    def _begin_second(self) -> None:
        noted = len(self._noted)
        self.substituted = True
        self._on_substitute()
        try:
            self._stream = self._second.open(
                start_ms=self._kept.start_ms,
                on_partial=lambda text: self._on_partial(
                    replace(text, utterance_index=noted + text.utterance_index)
                ),
                on_utterance=lambda utterance: self._on_utterance(_shifted(utterance, noted)),
                hints=self._hints,
            )
        except ModelNotReady as failure:
            self._stream, self._failure = None, failure
            return
        self._kept.hand_over(self._stream)

    def _report(self, *, well: bool) -> None:
        """Tell the breaker, once, how it went with `first`."""
        if not self._admitted:
            return
        self._admitted = False
        if well:
            self._breaker.succeeded()
        else:
            self._breaker.failed()


def _shifted(utterance: Utterance, by: int) -> Utterance:
    return replace(utterance, index=by + utterance.index)
