"""A loudspeaker without sound: plays the examiner's voice in real time and says how far it has got. Pure."""

from collections import OrderedDict, deque
from dataclasses import dataclass

from app.api.websocket.protocol import SnapshotVoice

MARK_EVERY_MS = 500
KEEP_VOICE_BYTES = 8 * 1024 * 1024
BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """How much of an utterance was heard; `done` when it was heard to its end."""

    utterance_id: str
    played_ms: int
    done: bool = False


@dataclass(slots=True)
class _Voice:
    utterance_id: str
    stream_id: int
    sample_rate: int
    received: int = 0
    complete: bool = False
    played_ms: float = 0.0
    since: float | None = None
    marked_ms: int = 0

    @property
    def received_ms(self) -> float:
        return self.received / BYTES_PER_SAMPLE / self.sample_rate * 1000

    @property
    def heard_ms(self) -> int:
        return round(self.played_ms)


class VirtualPlayer:
    """Plays utterances one after the other; the position moves with the clock from the first frame on.

    As in a real player, the position stops where the sound received so far ends and goes on when more
    arrives. `now` is always in seconds of one monotonic clock.
    """

    def __init__(self, *, mark_every_ms: int = MARK_EVERY_MS, keep_bytes: int = KEEP_VOICE_BYTES) -> None:
        self._mark_every_ms = mark_every_ms
        self._keep_bytes = keep_bytes
        self._waiting: deque[_Voice] = deque()
        self._heard: OrderedDict[str, bytearray] = OrderedDict()
        self._kept = 0

    @property
    def playing(self) -> str | None:
        """The utterance being played, or None in silence."""
        return self._waiting[0].utterance_id if self._waiting else None

    def begin(self, utterance_id: str, stream_id: int, sample_rate: int) -> None:
        """Announce an utterance whose frames will carry `stream_id`."""
        if sample_rate <= 0:
            raise ValueError("A sample rate is a positive number of samples per second.")
        for voice in self._waiting:
            if voice.utterance_id == utterance_id:
                voice.stream_id = stream_id  # announced again after a lost connection
                return
        self._waiting.append(_Voice(utterance_id, stream_id, sample_rate))

    def feed(self, stream_id: int, pcm: bytes, now: float, *, offset_ms: int | None = None) -> bool:
        """Add sound; return whether it was the first of its utterance.

        Frames of an unknown stream (an utterance already cleared) are dropped, and so is what was received
        before: with `offset_ms`, the position in the utterance, a voice that is sent again is heard once.
        """
        voice = next((v for v in self._waiting if v.stream_id == stream_id), None)
        if voice is not None and offset_ms is not None:
            pcm = pcm[max(0, voice.received - BYTES_PER_SAMPLE * (offset_ms * voice.sample_rate // 1000)) :]
        if voice is None or not pcm:
            return False
        first = voice.received == 0
        if voice is self._waiting[0]:
            self._play(voice, now)
        voice.received += len(pcm)
        if voice is self._waiting[0] and voice.since is None:
            voice.since = now
        self._keep(voice.utterance_id, pcm)
        return first

    def end(self, utterance_id: str) -> None:
        """Say that every frame of the utterance has come."""
        for voice in self._waiting:
            if voice.utterance_id == utterance_id:
                voice.complete = True

    def clear(self, utterance_id: str, now: float) -> Mark | None:
        """Stop an utterance and drop what is left of it; return how much of it was heard, if it was known."""
        voice = next((v for v in self._waiting if v.utterance_id == utterance_id), None)
        if voice is None:
            return None
        if voice is self._waiting[0]:
            self._play(voice, now)
        self._waiting.remove(voice)
        return Mark(utterance_id, voice.heard_ms)

    def go_on_with(self, voice: SnapshotVoice | None, now: float) -> None:
        """Play this utterance and no other: of those whose end was missed it will never come."""
        for waiting in tuple(self._waiting):
            if voice is None or waiting.utterance_id != voice.utterance_id:
                self.clear(waiting.utterance_id, now)
        if voice is not None:
            self.begin(voice.utterance_id, voice.stream_id, voice.sample_rate)

    def advance(self, now: float) -> list[Mark]:
        """Move on to `now`; return the marks that have become due."""
        marks: list[Mark] = []
        while self._waiting:
            voice = self._waiting[0]
            self._play(voice, now)
            if voice.complete and voice.heard_ms >= round(voice.received_ms):
                marks.append(Mark(voice.utterance_id, round(voice.received_ms), done=True))
                self._waiting.popleft()
                continue
            if voice.heard_ms - voice.marked_ms >= self._mark_every_ms:
                voice.marked_ms = voice.heard_ms
                marks.append(Mark(voice.utterance_id, voice.marked_ms))
            break
        return marks

    def heard(self, utterance_id: str) -> bytes:
        """The voice received for an utterance; empty when it was never heard or is no longer kept."""
        return bytes(self._heard.get(utterance_id, b""))

    def _play(self, voice: _Voice, now: float) -> None:
        if voice.received == 0:
            return
        if voice.since is not None:
            voice.played_ms = min(voice.received_ms, voice.played_ms + (now - voice.since) * 1000)
        voice.since = now

    def _keep(self, utterance_id: str, pcm: bytes) -> None:
        self._heard.setdefault(utterance_id, bytearray()).extend(pcm)
        self._kept += len(pcm)
        while self._kept > self._keep_bytes and self._heard:
            _, oldest = self._heard.popitem(last=False)
            self._kept -= len(oldest)
