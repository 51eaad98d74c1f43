"""The learner's microphone: one contiguous signal, kept, and searched for speech as it comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.api.websocket.limits import Limits
from app.api.websocket.protocol import CloseCode, ProtocolError
from app.services.speech import (
    BYTES_PER_MS,
    AudioLog,
    Segmenter,
    SpeechEvent,
    SpeechStarted,
    VoiceActivityStream,
)

RECENT_MS = 440
"""Sound kept in memory, for an answer that begins before the examiner listens, and for what the learner adds
when an answer was closed. Speech takes 128 ms to be noticed, and LEAD_MS before it go with it."""
OVERLAP_MS = 5_000
"""Kept besides, of speech that goes on while nobody listens: it may be the beginning of the answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A new piece of the signal, and where speech began or stopped in it."""

    pcm: bytes
    events: Sequence[SpeechEvent]


class Microphone:
    """Takes pieces by their position; what came before is skipped, a gap is refused.

    `position_ms` is how much was received; `listened_to` says that an answer takes it in. Instants
    are milliseconds of the session's clock.
    """

    def __init__(
        self,
        activity: VoiceActivityStream,
        audio: AudioLog,
        limits: Limits,
        *,
        now_ms: int,
        start_ms: int = 0,
    ) -> None:
        self._activity = activity
        self._segmenter = Segmenter(start_ms=start_ms)
        self._audio = audio
        self._limits = limits
        self._began_at_ms = now_ms - audio.stored_ms
        self._gap_told: tuple[int, int] | None = None
        self.position_ms = start_ms
        self.last_heard_at_ms = now_ms
        self.speaking_since_ms: int | None = None
        self.listened_to = False

    @property
    def stored_ms(self) -> int:
        """How much is stored."""
        return self._audio.stored_ms

    def take(self, offset_ms: int, pcm: bytes, now_ms: int) -> Heard | None:
        """Take a piece that begins at `offset_ms`; None where there was nothing new in it.

        Raises ProtocolError `audio_gap`, `audio_too_fast` or `audio_not_stored`; the signal stays as it was.
        """
        known_ms = self.position_ms - offset_ms
        if known_ms < 0:
            self._refuse_gap(offset_ms, now_ms)
            return None
        new = pcm[known_ms * BYTES_PER_MS :]
        if not new:
            return None
        self._check_pace(len(new) // BYTES_PER_MS, now_ms)
        self._gap_told = None
        self._audio.append(new)
        return self._heard(new, now_ms)

    def hear_again(self, pcm: bytes, now_ms: int) -> Heard:
        """Take the stored signal that follows the position, which another process had heard."""
        self._audio.remember(pcm)
        return self._heard(pcm, now_ms)

    def _heard(self, new: bytes, now_ms: int) -> Heard:
        self.position_ms += len(new) // BYTES_PER_MS
        self.last_heard_at_ms = now_ms
        heard = Heard(new, self._find_speech(new))
        self._audio.keep(self._keep_ms())
        return heard

    def recent(self) -> tuple[int, bytes]:
        """Return the last of the signal and where it begins: RECENT_MS, or more of speech that goes on while
        nobody listens."""
        pcm = self._audio.latest()
        return self.position_ms - len(pcm) // BYTES_PER_MS, pcm

    def position_at_ms(self, at_ms: int) -> int:
        """Return the position that is recorded at an instant, if the microphone goes on in real time."""
        return self.position_ms + at_ms - self.last_heard_at_ms

    def touch(self, now_ms: int) -> None:
        """A client is back: its silence counts from here."""
        self.last_heard_at_ms = now_ms

    def _keep_ms(self) -> int:
        since_ms = self.speaking_since_ms
        if self.listened_to or since_ms is None:
            return RECENT_MS
        return RECENT_MS + min(self.position_ms - since_ms, OVERLAP_MS)

    def _refuse_gap(self, offset_ms: int, now_ms: int) -> None:
        """Tell once; frames already under way are forgiven, a client that goes on regardless is not."""
        expected_ms = self.position_ms
        if self._gap_told is not None and self._gap_told[0] == expected_ms:
            if now_ms - self._gap_told[1] < self._limits.gap_ms:
                return
            raise self._gap(offset_ms, fatal=True)
        self._gap_told = (expected_ms, now_ms)
        raise self._gap(offset_ms, fatal=False)

    def _gap(self, offset_ms: int, *, fatal: bool) -> ProtocolError:
        return ProtocolError(
            "audio_gap",
            f"Audio is missing: {self.position_ms} ms was expected, {offset_ms} ms came. Send again from "
            f"{self.position_ms} ms.",
            fatal=fatal,
            close=CloseCode.PROTOCOL,
        )

    def _check_pace(self, new_ms: int, now_ms: int) -> None:
        ahead_ms = self.position_ms + new_ms - (now_ms - self._began_at_ms)
        if ahead_ms > self._limits.microphone_ahead_ms:
            self._gap_told = (self.position_ms, now_ms)
            raise ProtocolError(
                "audio_too_fast",
                f"The microphone runs {ahead_ms} ms ahead of time. Send audio as it is spoken, again from "
                f"{self.position_ms} ms.",
                blame="limit",
                retry_after_ms=ahead_ms - self._limits.microphone_ahead_ms,
            )
        if self.position_ms + new_ms - self.stored_ms > self._limits.unstored_audio_ms:
            self._gap_told = (self.position_ms, now_ms)
            raise ProtocolError(
                "audio_not_stored",
                f"Audio cannot be stored at the moment. Keep it and send again from {self.position_ms} ms.",
                blame="server",
                retry_after_ms=1_000,
            )

    def _find_speech(self, pcm: bytes) -> list[SpeechEvent]:
        events = self._segmenter.feed(self._activity.feed(pcm))
        for event in events:
            self.speaking_since_ms = event.at_ms if isinstance(event, SpeechStarted) else None
        return events
