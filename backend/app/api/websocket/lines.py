"""What the examiner says: one line after the other, announced, voiced and noted as a turn."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.api.websocket.clock import Clock
from app.api.websocket.connection import Connection
from app.api.websocket.journal import Journal
from app.api.websocket.live_state import SavedLine
from app.api.websocket.microphone import Microphone
from app.api.websocket.playback import Playback
from app.api.websocket.protocol import AiReply, SnapshotVoice, TtsAudio, TtsClear, WarningEvent
from app.api.websocket.sound import VoiceCache
from app.services.conversation import Line
from app.services.new_id import new_id
from app.services.session_store import TurnRecord

SPOKEN_AHEAD = 3
"""Lines the exam may say next that are synthesised before they are needed."""
DISCARDED = "discarded"
"""Kind of a line that was taken back because the learner went on speaking."""


class Lines:
    """The examiner's lines of one session. `position` tells the microphone position, `next_index` the number
    of the next turn of the dialogue."""

    def __init__(
        self,
        voices: VoiceCache,
        journal: Journal,
        microphone: Microphone,
        clock: Clock,
        *,
        next_index: Callable[[], int],
        on_progress: Callable[[], None],
        voice_ahead_ms: int,
    ) -> None:
        self._voices = voices
        self._journal = journal
        self._clock = clock
        self._microphone = microphone
        self._next_index = next_index
        self._on_progress = on_progress
        self._voice_ahead_ms = voice_ahead_ms
        self._waiting: list[Line] = []
        self.streams = 0
        self._turn: TurnRecord | None = None
        self._connection: Connection | None = None
        self._paused = True
        self.current: Playback | None = None

    @property
    def speaking(self) -> bool:
        """Whether a line is being said or waits to be."""
        return self.current is not None

    @property
    def unheard(self) -> bool:
        """Whether a line was begun and nothing of it has reached the learner yet."""
        return self.current is not None and not self.current.reached

    @property
    def played_ms(self) -> int | None:
        """How much of the current line has been heard, None in silence."""
        return None if self.current is None else self.current.played_ms(self._clock.now_ms())

    def saved(self) -> SavedLine | None:
        """Return the line being spoken, None in silence."""
        if (current := self.current) is None or self._turn is None:
            return None
        return SavedLine(
            line_id=current.line.id,
            utterance_id=current.utterance_id,
            stream_id=current.stream_id,
            announced_seq=current.announced_seq,
            end_seq=current.end_seq,
            played_ms=current.played_ms(self._clock.now_ms()),
            turn=self._turn,
        )

    def spoken(self) -> SnapshotVoice | None:
        """Return what a client must know of the line being spoken to play it; None in silence."""
        if (current := self.current) is None or self._turn is None:
            return None
        return SnapshotVoice(
            utterance_id=current.utterance_id,
            turn_id=str(self._turn.id),
            stream_id=current.stream_id,
            sample_rate=current.sound.sample_rate,
        )

    def restore(self, saved: SavedLine | None, pending: Sequence[Line], *, streams: int) -> None:
        """Go on with what the exam has `pending`; the `saved` line is announced already."""
        self.streams = streams
        waiting = list(pending)
        if saved is not None and waiting and waiting[0].id == saved.line_id:
            line = waiting.pop(0)
            self.current = Playback(
                line=line,
                utterance_id=saved.utterance_id,
                stream_id=saved.stream_id,
                said_at_ms=self._clock.now_ms(),
                sound=self._voices.speak(line.text),
                announced_seq=saved.announced_seq,
                end_seq=saved.end_seq,
            )
            self.current.go_on_from(saved.played_ms)
            self.current.sound.follow(self._on_progress)
            self._turn = saved.turn
        self._waiting = waiting
        if self.current is None:
            self._begin_next()

    def prepare(self, texts: list[str]) -> None:
        """Synthesise what is likely to be said next."""
        for text in texts[:SPOKEN_AHEAD]:
            self._voices.speak(text)

    def say(self, line: Line) -> None:
        """Say a line after those said before."""
        self._waiting.append(line)
        if self.current is None:
            self._begin_next()

    def due_ms(self) -> int | None:
        """Return when to look again at what has been heard, or None while that is not known."""
        if (current := self.current) is None:
            return None
        return current.heard_at_ms() if current.end_seq else self._end_due_ms(current)

    def heard(self, now_ms: int) -> list[str]:
        """Move on past what has been heard by now; return the ids of the lines."""
        finished: list[str] = []
        while self.current is not None:
            current = self.current
            if not current.heard and not self._due(current.heard_at_ms(), now_ms):
                if self._due(self._end_due_ms(current), now_ms):
                    self._announce_end(current)
                break
            current.cleared = True
            self._announce_end(current)
            finished.append(current.line.id)
            self._end_turn()
            self._begin_next()
        return finished

    def mark(self, utterance_id: str, played_ms: int, *, done: bool) -> None:
        """The client says how far it has played; marks of earlier lines change nothing."""
        if self.current is not None and self.current.utterance_id == utterance_id:
            self.current.mark(played_ms, self._clock.now_ms(), done=done)

    def clear(self, *, taken_back: bool = False) -> None:
        """Say no more: the current line falls silent, those that wait are dropped.

        One that is `taken_back` stays in the dialogue as `discarded`: it was not put to the learner.
        """
        self._waiting.clear()
        if (current := self.current) is None:
            return
        current.cleared = True
        if taken_back and self._turn is not None:
            self._turn = replace(self._turn, kind=DISCARDED)
        self._journal.add(TtsClear(utterance_id=current.utterance_id))
        self._end_turn()
        self.current = None
        self._show()

    def attach(self, connection: Connection) -> None:
        """Go on over this connection, from where the learner's ear was."""
        self._connection = connection
        self._paused = False
        if self.current is not None:
            self.current.resume()
        self._show()

    def detach(self) -> None:
        """Nobody hears what is said."""
        self._connection = None
        self._paused = True
        if self.current is not None:
            self.current.pause(self._clock.now_ms())

    def _begin_next(self) -> None:
        self.current = None
        if self._waiting:
            self._begin(self._waiting.pop(0))
        self._show()

    def _begin(self, line: Line) -> None:
        sound = self._voices.speak(line.text)
        self.streams += 1
        utterance_id = f"ex-{new_id().hex[:12]}"
        position_ms = self._microphone.position_ms
        current = Playback(
            line=line,
            utterance_id=utterance_id,
            stream_id=self.streams,
            said_at_ms=self._clock.now_ms(),
            sound=sound,
            marks=self._connection is not None and self._connection.sends_marks,
            paused=self._paused,
        )
        self._turn = TurnRecord(
            id=new_id(),
            index=self._next_index(),
            speaker="examiner",
            part=line.part,
            text=line.text,
            start_ms=position_ms,
            end_ms=position_ms,
            kind=line.kind,
            question_id=line.question_id,
            frame_conformance=line.frame_conformance,
        )
        reply = AiReply(
            turn_id=str(self._turn.id),
            utterance_id=utterance_id,
            text=line.text,
            part=line.part,
            kind=line.kind,
            frame_conformance=line.frame_conformance,
            expects_answer=line.expects_answer,
            question_id=line.question_id,
            start_ms=position_ms,
        )
        begin = TtsAudio(
            turn_id=str(self._turn.id),
            utterance_id=utterance_id,
            stream_id=current.stream_id,
            state="begin",
            sample_rate=sound.sample_rate,
        )
        current.announced_seq = self._journal.add(reply, begin, turns=[self._turn])
        self.current = current
        sound.follow(self._on_progress)

    def _end_due_ms(self, current: Playback) -> int | None:
        """When the voice's end may be logged: its last frame must have been due before."""
        if current.end_seq or not current.complete:
            return None
        return current.reaches_ms(current.duration_ms - self._voice_ahead_ms)

    def _announce_end(self, current: Playback) -> None:
        if current.end_seq:
            return
        if current.sound.failed:
            self._journal.add(
                WarningEvent(code="voice_unavailable", message="This line can only be read, not heard.")
            )
        current.end_seq = self._journal.add(
            TtsAudio(
                utterance_id=current.utterance_id,
                stream_id=current.stream_id,
                state="end",
                sample_rate=current.sound.sample_rate,
                duration_ms=current.duration_ms,
            )
        )

    @staticmethod
    def _due(at_ms: int | None, now_ms: int) -> bool:
        return at_ms is not None and at_ms <= now_ms

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._journal.add(turns=[replace(self._turn, end_ms=self._microphone.position_ms)])
        self._turn = None

    def _show(self) -> None:
        if self._connection is not None:
            self._connection.speak(self.current)
