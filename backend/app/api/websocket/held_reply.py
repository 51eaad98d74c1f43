"""The reply to an answer that silence ended, as long as it can be taken back. Pure."""

from dataclasses import dataclass
from typing import Any

from app.api.websocket.answer import Answer
from app.api.websocket.live_state import SavedReply, saved_answer
from app.services.conversation import Line, goes_on, may_barge_in

CUT_OFF_MS = 2_000
"""A learner who goes on within this time after the turn was taken as over was cut off."""
_INTERRUPTIBLE = frozenset({"acknowledgement", "transition"})
"""Lines between an answer and the next question. Questions, instructions and good-byes are heard out."""


@dataclass(slots=True)
class HeldReply:
    """An answer that silence ended and that the learner may still go on with.

    `before` is the exam's snapshot just before it was told, `processing` what the exam had been told of
    waiting; both are set with the reply. Positions are the microphone's: at `ended_ms` the turn was taken as
    over, at `sounded_ms` the first of the reply was sent.
    """

    answer: Answer
    ended_ms: int
    before: dict[str, Any] | None = None
    processing: bool = False
    sounded_ms: int | None = None
    counted: bool = False

    def was_cut_off(self, onset_ms: int) -> bool:
        """Whether speech from `onset_ms` on shows that the turn was taken as over too early."""
        return onset_ms - self.ended_ms <= CUT_OFF_MS

    def goes_on(self, onset_ms: int, *, line: Line | None, speech_ms: int, words: int) -> bool:
        """Whether speech from `onset_ms` on, so long and of so many words, takes the reply back: the learner
        was going on with the answer, or interrupts the way to the next question."""
        if self.sounded_ms is None or onset_ms < self.sounded_ms:
            return True
        # A loudspeaker without echo cancellation could take every reply back: once is enough.
        if self.answer.rounds:
            return False
        return goes_on(onset_ms - self.sounded_ms) or (
            line is not None
            and may_barge_in(
                self.answer.listen.policy,
                question_being_asked=line.kind not in _INTERRUPTIBLE,
                speech_ms=speech_ms,
                words=words,
            )
        )

    def saved(self) -> SavedReply | None:
        """Return the reply for another process; None while there is none, and the answer itself is open."""
        if self.before is None:
            return None
        return SavedReply(
            answer=saved_answer(self.answer),
            before=self.before,
            processing=self.processing,
            ended_ms=self.ended_ms,
            sounded_ms=self.sounded_ms,
            counted=self.counted,
        )
