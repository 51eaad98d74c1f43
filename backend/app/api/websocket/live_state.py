"""What a live session remembers beside its log, as JSON that another process can go on from."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from app.api.websocket.answer import Answer, Question
from app.services.conversation import Listen
from app.services.session_store import TurnRecord
from app.services.speech import SpeechSpan, Utterance

VERSION = 2

LEAD_MS = 1_000
"""Sound heard again when no answer is open: one may just have begun."""


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
    rounds: int
    failed: bool

    @property
    def heard_until_ms(self) -> int:
        """The microphone position behind what is transcribed already."""
        return max((utterance.end_ms for utterance in self.utterances), default=self.opened_ms)


class SavedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that is taken back if the learner goes on with the `answer` before it.

    `before` is the exam's snapshot just before it was told of the answer; `processing` what it had
    been told of waiting. The microphone was at `ended_ms` when the turn was taken as over, and at
    `sounded_ms` when the first of the reply was sent. `counted` says that a cut-off was counted already.
    """

    answer: SavedAnswer
    before: dict[str, Any]
    processing: bool
    ended_ms: int
    sounded_ms: int | None
    counted: bool


class LiveState(msgspec.Struct, frozen=True, kw_only=True):
    """`exam` is the exam's snapshot; its plan is the session record's."""

    version: int = VERSION
    exam: dict[str, Any]
    question: Question
    line: SavedLine | None
    streams: int
    answer: SavedAnswer | None
    reply: SavedReply | None
    typical_pause_ms: float
    in_seq: int
    commits: dict[str, tuple[int, int]]
    disconnects: int
    away_ms: int

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON-able data."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data

    def heard_until_ms(self, stored_ms: int) -> int:
        """Return from where on the stored signal is heard again: behind what is known of the open answer,
        behind the one that the learner may go on with, or, with neither, a moment before its end, where the
        next may just have begun."""
        if self.answer is not None:
            return self.answer.heard_until_ms
        recent_ms = stored_ms - LEAD_MS
        return recent_ms if self.reply is None else min(recent_ms, self.reply.ended_ms)

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


def saved_answer(answer: Answer) -> SavedAnswer:
    """Return an answer as far as it has been transcribed, for another process."""
    return SavedAnswer(
        id=answer.id,
        index=answer.index,
        listen=answer.listen,
        question=answer.question,
        opened_ms=answer.opened_ms,
        listened_ms=answer.listened_ms,
        spans=list(answer.spans),
        utterances=list(answer.utterances.values()),
        rounds=answer.rounds,
        failed=answer.failed,
    )
