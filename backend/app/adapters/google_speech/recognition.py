"""Recognition of one turn by Google: stream after stream, and the audio kept until it is transcribed."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from google.api_core import exceptions
from google.cloud.speech_v2 import SpeechAsyncClient, types

from app.adapters.google_speech.pacing import Pacing
from app.adapters.google_speech.requests import (
    MAX_AUDIO_BYTES,
    Hearing,
    end_of,
    opening,
    utterance,
    words_of,
)
from app.services.speech import (
    BYTES_PER_MS,
    KeptAudio,
    Partial,
    RecognitionFailed,
    Utterance,
    Word,
    unheard_words,
)

_PASSING = (
    exceptions.ServerError,  # UNAVAILABLE, INTERNAL, UNKNOWN, DEADLINE_EXCEEDED
    exceptions.TooManyRequests,  # RESOURCE_EXHAUSTED: a quota
    exceptions.Conflict,  # ABORTED: the five minutes are over
    exceptions.OutOfRange,  # the same, and audio that comes too slowly
    exceptions.Cancelled,  # the connection was reset
)
_LAST_WORDS = 40
"""Settled words that an overlap may repeat."""

log = structlog.get_logger(__name__)


class _ClosedEarly(Exception):
    """Google ended a stream before it had all of the audio, or without the last transcript."""


@dataclass(slots=True)
class _Leg:
    """One stream to Google: audio from `from_ms`, sent up to `sent_ms`. `earlier` are words settled before;
    `pending` says that its last text is provisional."""

    from_ms: int
    opened_s: float
    sent_ms: int
    earlier: tuple[Word, ...]
    closed: bool = False
    pending: bool = False


class GoogleRecogniser:
    """Opens recognitions; implements SpeechToText."""

    def __init__(
        self,
        client: SpeechAsyncClient,
        hearing: Hearing,
        *,
        pacing: Pacing | None = None,
        on_sent: Callable[[float], None] = lambda seconds: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`on_sent` hears how many seconds of audio Google got."""
        self._client = client
        self._hearing = hearing
        self._pacing = pacing or Pacing()
        self._on_sent = on_sent
        self._sleep = sleep

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> "GoogleRecognition":
        """Begin a turn at `start_ms`; the connection is made while it goes on."""
        return GoogleRecognition(
            self._client,
            self._hearing.expecting(hints),
            self._pacing,
            start_ms=start_ms,
            on_partial=on_partial,
            on_utterance=on_utterance,
            on_sent=self._on_sent,
            sleep=self._sleep,
        )


class GoogleRecognition:
    """One turn; implements RecognitionStream, but `feed` raises RecognitionFailed once Google is given up."""

    substituted = False

    def __init__(
        self,
        client: SpeechAsyncClient,
        hearing: Hearing,
        pacing: Pacing,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        on_sent: Callable[[float], None],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._client = client
        self._hearing = hearing
        self._pacing = pacing
        self._on_partial = on_partial
        self._on_utterance = on_utterance
        self._on_sent = on_sent
        self._sleep = sleep
        self._now_s = asyncio.get_running_loop().time
        self._kept = KeptAudio(start_ms)
        self._settled_ms = start_ms
        self._last_words: tuple[Word, ...] = ()
        self._utterances: list[Utterance] = []
        self._revision = 0
        self._speaking = False
        self._answered_s = self._now_s()
        self._sealed = False
        self._news = asyncio.Event()
        self._failure: str | None = None
        self._running = asyncio.create_task(self._run(), name="google_speech.turn")

    def feed(self, pcm: bytes) -> None:
        """Add 16 kHz mono PCM16. Raises RecognitionFailed once Google is given up."""
        if self._sealed:
            return
        self._kept.append(pcm)
        self._news.set()
        if self._speaking and self._now_s() - self._answered_s > self._pacing.stalled_s:
            self._give_up("it has not answered for a while")
        self._check()

    def pause(self, at_ms: int) -> None:
        """Say that speech stopped: a stream that is old enough ends here."""
        self._speaking = False
        self._news.set()

    def resume(self, at_ms: int) -> None:
        """Say that speech started or went on."""
        if not self._speaking:
            self._speaking = True
            self._answered_s = self._now_s()

    async def finish(self) -> tuple[Utterance, ...]:
        """Return every utterance of the turn. Raises RecognitionFailed."""
        self._sealed = True
        self._news.set()
        _, late = await asyncio.wait({self._running}, timeout=self._pacing.finish_s)
        if late:
            self._give_up("the last transcript did not come in time")
        self._check()
        return tuple(self._utterances)

    async def aclose(self) -> None:
        """End the stream. Idempotent."""
        self._sealed = True
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def _check(self) -> None:
        if self._failure is not None:
            raise RecognitionFailed(f"Google Speech was given up: {self._failure}.")

    def _give_up(self, why: str) -> None:
        self._failure = self._failure or why
        self._running.cancel()

    async def _run(self) -> None:
        """Hear the turn to its end, stream after stream."""
        failures = 0
        while await self._something_to_hear():
            settled_ms = self._settled_ms
            try:
                await self._hear_a_leg()
                failures = 0
                continue
            except (*_PASSING, _ClosedEarly) as lost:
                failures = 1 if self._settled_ms > settled_ms else failures + 1
                reason = type(lost).__name__
            except exceptions.GoogleAPICallError as refused:
                self._failure = f"it refused ({type(refused).__name__}: {refused.message})"
                return
            except Exception as failure:
                log.exception("google_speech.failed")
                self._failure = type(failure).__name__
                return
            if failures >= self._pacing.attempts:
                self._failure = f"{failures} streams in a row were lost, the last one to {reason}"
                return
            log.info("google_speech.retry", reason=reason, failures=failures)
            await self._sleep(random.random() * self._pacing.retry_s * 2 ** (failures - 1))  # noqa: S311

    async def _something_to_hear(self) -> bool:
        """Return True when there is audio that is not settled, False when the turn is over without."""
        while self._kept.end_ms <= self._settled_ms:
            if self._sealed:
                return False
            self._news.clear()
            await self._news.wait()
        return True

    async def _hear_a_leg(self) -> None:
        """Hear from the first unsettled audio on until the turn ends or the stream is old enough.

        A little of what is settled is heard again, for a stream that begins in a word mishears it.
        """
        from_ms = self._kept.start_ms
        leg = _Leg(from_ms, self._now_s(), from_ms, self._last_words)
        answers = await self._client.streaming_recognize(requests=self._requests(leg))
        async for answer in answers:
            self._take(answer, leg)
        if not leg.closed or leg.pending:
            raise _ClosedEarly
        self._settle(leg.sent_ms)

    async def _requests(self, leg: _Leg) -> AsyncIterator[types.StreamingRecognizeRequest]:
        yield opening(self._hearing)
        while True:
            until_ms = min(self._kept.end_ms, leg.sent_ms + MAX_AUDIO_BYTES // BYTES_PER_MS)
            if until_ms > leg.sent_ms:
                pcm = self._kept.read(leg.sent_ms, until_ms)
                self._on_sent((until_ms - leg.sent_ms) / 1000)
                leg.sent_ms = until_ms
                yield types.StreamingRecognizeRequest(audio=pcm)
            elif self._sealed:
                break
            if self._is_old(leg):
                break
            if self._kept.end_ms <= leg.sent_ms and not self._sealed:
                self._news.clear()
                await self._news.wait()
        leg.closed = True

    def _is_old(self, leg: _Leg) -> bool:
        age_s = max(self._now_s() - leg.opened_s, (leg.sent_ms - leg.from_ms) / 1000)
        return age_s >= (self._pacing.rotate_by_s if self._speaking else self._pacing.rotate_after_s)

    def _take(self, answer: types.StreamingRecognizeResponse, leg: _Leg) -> None:
        self._answered_s = self._now_s()
        provisional: list[types.StreamingRecognitionResult] = []
        for result in answer.results:
            if not result.alternatives:
                continue
            if result.is_final:
                self._note(result, leg)
            else:
                provisional.append(result)
        text = " ".join(result.alternatives[0].transcript.strip() for result in provisional).strip()
        if text:
            leg.pending = True
            self._revision += 1
            end_ms = end_of(provisional[-1], leg.from_ms)
            start_ms = min(self._settled_ms, end_ms)
            self._on_partial(Partial(len(self._utterances), self._revision, text, start_ms, end_ms))

    def _note(self, result: types.StreamingRecognitionResult, leg: _Leg) -> None:
        said = result.alternatives[0]
        leg.pending = False
        words = words_of(said, leg.from_ms)
        new = unheard_words(leg.earlier, words)
        text = said.transcript.strip() if len(new) == len(words) else " ".join(word.text for word in new)
        end_ms = max(end_of(result, leg.from_ms), words[-1].end_ms if words else leg.from_ms)
        if text:
            heard = utterance(
                len(self._utterances),
                text,
                new,
                start_ms=min(self._settled_ms, end_ms),
                end_ms=end_ms,
                confidence=said.confidence,
            )
            self._utterances.append(heard)
            self._revision = 0
            self._last_words = (*self._last_words, *new)[-_LAST_WORDS:]
            self._on_utterance(heard)
        self._settle(end_ms)

    def _settle(self, at_ms: int) -> None:
        """What comes before `at_ms` is transcribed; only the overlap of it is kept."""
        self._settled_ms = max(self._settled_ms, min(at_ms, self._kept.end_ms))
        self._kept.forget_before(self._settled_ms - self._pacing.overlap_ms)
