"""What the server has told of the session so far. Pure."""

import uuid
from typing import Any

from app.api.websocket.protocol import (
    AnalysisReady,
    ErrorEvent,
    ServerMessage,
    SessionResume,
    SessionResumed,
    SessionStarted,
    Snapshot,
    SummaryReady,
)


class Told:
    """`last_seq` is the number of the last durable event that was taken; each is taken once."""

    def __init__(self, session_id: str) -> None:
        self.last_seq = 0
        self.started: SessionStarted | None = None
        self.summary: dict[str, Any] | None = None
        self.analysis: AnalysisReady | None = None
        self._session_id = session_id
        self._epoch: int | None = None
        self._resume_id: str | None = None
        self._refusals: dict[str, ErrorEvent] = {}

    def is_new(self, event: ServerMessage) -> bool:
        """Whether an event was not taken before; it counts as taken now."""
        if event.seq is None:
            return True
        if event.seq <= self.last_seq:
            return False
        self.last_seq = event.seq
        return True

    def note(self, event: ServerMessage) -> None:
        """Remember what belongs to the session as a whole."""
        match event:
            case SessionStarted():
                self.started = event
                self._epoch = self._epoch or event.epoch
            case SessionResumed(snapshot=snapshot):
                self._epoch = event.epoch
                if snapshot is not None:
                    self._catch_up(event, snapshot)
            case SummaryReady():
                self.summary = event.summary
            case AnalysisReady():
                self.analysis = event
            case ErrorEvent(ref_event_id=str(ref)) if self.started is None:
                self._refusals[ref] = event
            case _:
                pass

    def _catch_up(self, event: SessionResumed, snapshot: Snapshot) -> None:
        """What happened up to the snapshot will not be sent any more."""
        self.last_seq = snapshot.last_seq
        self.summary = snapshot.summary or self.summary
        if self.started is None:
            self.started = SessionStarted(
                session_id=event.session_id,
                mode=snapshot.mode,
                clock=snapshot.clock,
                epoch=event.epoch,
                audio_in={},
                audio_out={},
            )

    def refusal(self, *event_ids: str) -> ErrorEvent | None:
        """Return the error with which one of these events was refused before the exam began."""
        return next((self._refusals[ref] for ref in event_ids if ref in self._refusals), None)

    def resume(self) -> SessionResume:
        """Return the event that asks for everything after what was taken."""
        self._resume_id = uuid.uuid4().hex
        return SessionResume(
            event_id=self._resume_id,
            session_id=self._session_id,
            last_seq=self.last_seq,
            epoch=self._epoch,
        )

    def is_refused_resume(self, event: ErrorEvent) -> bool:
        """Whether the error answers the last `resume`."""
        return self._resume_id is not None and event.ref_event_id == self._resume_id
