"""Somebody who sees everything that a client is told, and knows what must hold of it, whatever happens.

What the server may never do is written down here without a look at how it does it: from the events on the
wire, the sound that was spoken, and the dialogue in the store.
"""

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from app.api.websocket.codec import decode_server_event
from app.api.websocket.protocol import (
    AiReply,
    ErrorEvent,
    ServerAck,
    ServerMessage,
    SessionResumed,
    SttFinal,
    TtsAudio,
)
from app.services.session_store import StoredEvent, TurnRecord
from app.services.speech import Word

CLOCK_SLACK_MS = 300
SAID_ONCE = frozenset({"greeting", "question", "instruction", "transition", "card", "closing"})
"""Kinds of the examiner's lines that no exam has twice; "right" and "can you tell me more" it may."""


@dataclass
class Witness:
    """`faults` is what should not have happened, in words; the rest is the model."""

    faults: list[str] = field(default_factory=list)
    told: dict[int, ServerMessage] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    stored_ms: int = 0
    acked_seq: int = 0
    _next_seq: int = 1
    _phase: tuple[str, int] | None = None
    _there_ms: float = 0.0
    _since_ms: float | None = None

    # --- on the wire ------------------------------------------------------------------------------------

    def joins(self, last_seq: int) -> None:
        """A connection begins that has had everything up to `last_seq`."""
        self._next_seq = last_seq + 1

    def hears(self, event: ServerMessage, now_ms: float) -> None:
        """The client of the present connection is told this."""
        if event.seq is not None:
            self._numbered(event, event.seq)
        match event:
            case ErrorEvent(code=code):
                self.errors.append(code)
            case ServerAck(received_ms=received_ms, ack=ack):
                self.stored_ms = max(self.stored_ms, received_ms)
                self.acked_seq = max(self.acked_seq, ack or 0)
            case SessionResumed():
                self._resumed(event, now_ms)
            case _:
                pass

    def leaves(self, now_ms: float) -> None:
        """The learner is away."""
        if self._since_ms is not None:
            self._there_ms += now_ms - self._since_ms
            self._since_ms = None

    def _numbered(self, event: ServerMessage, seq: int) -> None:
        if seq != self._next_seq:
            self.faults.append(f"event {seq} came in the place of {self._next_seq}")
        self._next_seq = seq + 1
        if self.told.setdefault(seq, event) != event:
            self.faults.append(f"event {seq} was {self.told[seq]} and is {event} now")

    def _resumed(self, event: SessionResumed, now_ms: float) -> None:
        if event.in_seq < self.acked_seq:
            self.faults.append(f"acknowledged {self.acked_seq}, and asks for what follows {event.in_seq}")
        if event.received_ms < self.stored_ms:
            self.faults.append(f"acknowledged {self.stored_ms} ms, and asks again from {event.received_ms}")
        self.stored_ms = max(self.stored_ms, event.received_ms)
        self._watch_the_clock(event, now_ms)

    def _watch_the_clock(self, event: SessionResumed, now_ms: float) -> None:
        """Of a phase no more time may be spent than the learner was there."""
        left_ms = event.phase_remaining_ms
        if self._phase is not None and left_ms is not None and self._phase[0] == event.phase:
            spent_ms = self._phase[1] - left_ms
            if spent_ms > self._there_ms + CLOCK_SLACK_MS:
                self.faults.append(
                    f"{spent_ms} ms of {event.phase} went by, {self._there_ms} ms with the learner"
                )
        self._phase = None if left_ms is None else (event.phase, left_ms)
        self._there_ms, self._since_ms = 0.0, now_ms

    # --- in the end -------------------------------------------------------------------------------------

    def judge(self, stored: list[StoredEvent], dialogue: list[TurnRecord], sound: list[Word]) -> None:
        """Look at everything that was stored, with the words that are in the stored sound."""
        for event in stored:
            kept = decode_server_event(msgspec.json.encode({**event.payload, "seq": event.seq}))
            if self.told.get(event.seq) not in (None, kept):
                self.faults.append(f"event {event.seq} was told as {self.told[event.seq]}, stored as {kept}")
        if sorted(self.told) != [event.seq for event in stored]:
            self.faults.append("what was told is not what is stored")
        self._judge_replies(dialogue)
        self._judge_words(dialogue, sound)

    def _judge_replies(self, dialogue: list[TurnRecord]) -> None:
        said = Counter(event.utterance_id for event in self.told.values() if isinstance(event, AiReply))
        voiced = Counter(
            (event.utterance_id, event.state) for event in self.told.values() if isinstance(event, TtsAudio)
        )
        understood = Counter(
            event.utterance_id for event in self.told.values() if isinstance(event, SttFinal)
        )
        asked = Counter(
            turn.text for turn in dialogue if turn.kind in SAID_ONCE and turn.speaker == "examiner"
        )
        for what in (said, voiced, understood, asked):
            self.faults += [f"{one} came {times} times" for one, times in what.items() if times > 1]
        if len({turn.index for turn in dialogue}) != len(dialogue):
            self.faults.append("two turns have one place in the dialogue")

    def _judge_words(self, dialogue: list[TurnRecord], sound: list[Word]) -> None:
        """Every word is in one turn at most, in its place, and no turn has a hole."""
        place = {word.text: number for number, word in enumerate(sound)}
        answers = [turn.text.split() for turn in dialogue if turn.speaker == "learner" and turn.text]
        words = [word for answer in answers for word in answer]
        if any(times > 1 for times in Counter(words).values()):
            self.faults.append(f"words came twice: {words}")
        for answer in answers:
            places = [place.get(word, -1) for word in answer]
            if places != list(range(places[0], places[0] + len(places))):
                self.faults.append(f"an answer is not what was said: {answer}")
