"""What a live session remembers beside its log, as JSON that another process can go on from."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from app.api.websocket.answer import Question
from app.services.conversation import Listen
from app.services.session_store import TurnRecord
from app.services.speech import SpeechSpan, Utterance

VERSION = 1


class StateInvalid(ValueError):
    """The data is not the state of a live session of this version."""


class SavedLine(msgspec.Struct, frozen=True, kw_only=True):
    """The line being spoken: how it was announced, and how much of it had been heard."""

    line_id: str
    utterance_id: str
    stream_id: int
    announced_seq: int
    end_seq: int | None
    played_ms: int
    turn: TurnRecord


class SavedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer whose transcript the exam waits for; what follows its last utterance is heard again."""

    id: UUID
    index: int | None
    listen: Listen
    question: Question
    opened_ms: int
    listened_ms: int
    spans: list[SpeechSpan]
    utterances: list[Utterance]

    @property
    def heard_until_ms(self) -> int:
        """The microphone position behind what is transcribed already."""
        return max((utterance.end_ms for utterance in self.utterances), default=self.opened_ms)


class LiveState(msgspec.Struct, frozen=True, kw_only=True):
    """`exam` is the exam's snapshot without its plan, which the session's record holds."""

    version: int = VERSION
    exam: dict[str, Any]
    question: Question
    line: SavedLine | None
    streams: int
    answer: SavedAnswer | None
    typical_pause_ms: float
    in_seq: int
    commits: dict[str, tuple[int, int]]
    disconnects: int
    away_ms: int

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON-able data."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "LiveState":
        """Read what `to_json` wrote. Raises StateInvalid."""
        try:
            state = msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            raise StateInvalid(f"This is not the state of a live session: {error}") from error
        if state.version != VERSION:
            raise StateInvalid(f"State version {state.version} is not {VERSION}.")
        return state
