"""What the REST API takes and gives of sessions, sign-in and the process itself."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from app.api.fields import no_boolean
from app.services.conversation import focus_of
from app.services.conversation.practice_plan import Part
from app.services.conversation.timing import ClockName
from app.services.job_queue import JobStatus
from app.services.session_archive import SessionDetail, SessionOverview
from app.services.session_store import SessionMode, SessionRecord, SessionStatus, TurnRecord

EXAMPLE_SESSION = "3f0e9a51-5c0c-4c77-8d0b-5a7f2f8f9f11"
EXAMPLE_TURN = "b1c7d4d2-8d8f-4d0c-9c55-0f6d5b0c7a21"
EXAMPLE_TIME = "2026-03-01T09:30:00Z"

Milliseconds = Annotated[int, Field(ge=0, description="Milliseconds from the session's first sample.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewSession(_Request):
    """The session to set up."""

    # What `_only_practice_chooses` says, for clients that check before they ask.
    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "properties": {"mode": {"const": "practice"}},
                    "anyOf": [
                        {"required": ["part"], "properties": {"part": {"not": {"type": "null"}}}},
                        {"required": ["topic"], "properties": {"topic": {"not": {"type": "null"}}}},
                    ],
                },
                {
                    "properties": {
                        "mode": {"not": {"const": "practice"}},
                        "part": {"type": "null"},
                        "topic": {"type": "null"},
                    }
                },
            ]
        }
    )

    mode: SessionMode = Field(
        description="What is practised; `quick` is all three parts in short form, `practice` no exam but "
        "questions with feedback after each answer."
    )
    part: Annotated[Part, BeforeValidator(no_boolean)] | None = Field(
        None, description="In `practice`: questions as in this part."
    )
    topic: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=120)] | None = (
        Field(
            None,
            description="In `practice`: id, name or theme of a topic from `GET /api/v1/topics`.",
            examples=["food"],
        )
    )
    clock: ClockName | None = Field(
        None, description="`short` shortens every time limit, for demonstrations; the session says so."
    )

    @model_validator(mode="after")
    def _only_practice_chooses(self) -> Self:
        if (self.mode == "practice") != (self.part is not None or self.topic is not None):
            raise ValueError("a part or a topic is for mode practice, which needs at least one of them")
        return self


class Session(BaseModel):
    """A session."""

    id: str = Field(examples=[EXAMPLE_SESSION])
    mode: SessionMode
    clock: ClockName = Field(description="`short` where time limits are shortened.")
    status: SessionStatus = Field(description="`created`, then `live`, then `ended`.")
    audio_ms: Milliseconds = Field(
        description="How much of the learner's sound is stored.", examples=[254_000]
    )
    audio_deleted_at: datetime | None = Field(
        description="When the recording was removed because it had been kept long enough, UTC."
    )
    created_at: datetime = Field(description="UTC.", examples=[EXAMPLE_TIME])
    started_at: datetime | None = Field(description="UTC.", examples=[EXAMPLE_TIME])
    ended_at: datetime | None = Field(description="UTC.", examples=[EXAMPLE_TIME])
    end_reason: str | None = Field(description="Why it ended.", examples=["completed"])
    analysis_status: JobStatus | None = Field(description="null until the session has ended.")


def _session_fields(session: SessionRecord | SessionOverview) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "mode": session.mode,
        "clock": session.clock,
        "status": session.status,
        "audio_ms": session.audio_ms,
        "audio_deleted_at": session.audio_deleted_at,
        "created_at": session.created_at,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "end_reason": session.end_reason,
    }


class SessionFocus(BaseModel):
    """A rule that is not fixed, and the grammar that topics were preferred for because of it."""

    rule_id: str = Field(examples=["TENSE-PAST-TIME"])
    structure: str = Field(examples=["past"])

    @classmethod
    def all_of(cls, session: SessionRecord) -> list[Self]:
        """Show those of a session."""
        return [cls(rule_id=one.rule_id, structure=one.structure) for one in focus_of(session.plan)]


Focused = Annotated[
    list[SessionFocus],
    Field(
        description="Rules in training that topics were preferred for. Number and kind of questions are as "
        "ever, so that scores stay comparable."
    ),
]


class SocketTicket(BaseModel):
    """What opens a session's socket once."""

    ticket: str = Field(
        description="For `?ticket=`, or wherever the socket takes a token.", examples=["st_3v…"]
    )
    expires_in: int = Field(description="Seconds.", examples=[60])


class CreatedSession(Session):
    """A session that is ready to begin."""

    focus: Focused

    websocket_url: str = Field(
        description="Where to hold it.", examples=[f"ws://127.0.0.1:8000/ws/{EXAMPLE_SESSION}"]
    )

    @classmethod
    def of(cls, session: SessionRecord, websocket_url: str) -> Self:
        """Show the session."""
        return cls(
            **_session_fields(session),
            analysis_status=None,
            focus=SessionFocus.all_of(session),
            websocket_url=websocket_url,
        )


class ListedSession(Session):
    """A session in a list."""

    overall_band: float | None = Field(
        description="null until analysed, or when there was too little speech for a band.", examples=[6.5]
    )
    band_low: float | None = Field(description="Where its range begins.", examples=[5.5])
    band_high: float | None = Field(description="Where its range ends.", examples=[7.0])
    method_version: str | None = Field(
        description="What scored it; bands of different methods are not to be compared."
    )

    @classmethod
    def of(cls, session: SessionOverview) -> Self:
        """Show the session."""
        return cls(
            **_session_fields(session),
            analysis_status=session.analysis_status,
            overall_band=session.overall_band,
            band_low=session.band_low,
            band_high=session.band_high,
            method_version=session.method_version,
        )


class SessionList(BaseModel):
    """Part of the learner's sessions, newest first."""

    items: list[ListedSession]
    next_cursor: str | None = Field(description="Pass as `cursor` for the next part; null at the end.")


class TurnWord(BaseModel):
    """A recognised word."""

    word: str = Field(examples=["student"])
    start_ms: Milliseconds
    end_ms: Milliseconds
    confidence: float = Field(ge=0, le=1, description="The recogniser's own.", examples=[0.93])


class Turn(BaseModel):
    """One contribution to the dialogue."""

    id: str = Field(examples=[EXAMPLE_TURN])
    index: int = Field(description="Place in the dialogue, from 0.")
    speaker: Literal["examiner", "learner"]
    part: int | None = Field(description="Part of the exam (1-3); null outside the parts.")
    kind: str | None = Field(description="What an examiner's line is, or what an answer answers.")
    question_id: str | None = Field(description="The question asked or answered.")
    frame_conformance: str | None = Field(
        description="How an examiner's line relates to the script: verbatim, slot_filled, paraphrase or free."
    )
    text: str
    start_ms: Milliseconds
    end_ms: Milliseconds
    words: list[TurnWord] = Field(description="Empty for the examiner.")

    @classmethod
    def of(cls, turn: TurnRecord) -> Self:
        """Show the turn."""
        return cls(
            id=str(turn.id),
            index=turn.index,
            speaker=turn.speaker,
            part=turn.part,
            kind=turn.kind,
            question_id=turn.question_id,
            frame_conformance=turn.frame_conformance,
            text=turn.text,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            words=[
                TurnWord(
                    word=word["text"],
                    start_ms=word["start_ms"],
                    end_ms=word["end_ms"],
                    confidence=word["probability"],
                )
                for word in turn.words
            ],
        )


class SessionWithTurns(Session):
    """A session with everything that was said in it."""

    focus: Focused

    summary: dict[str, Any] | None = Field(
        description="What was computed while the learner talked; null until the session has ended. No bands."
    )
    transcript: str = Field(
        description="The dialogue as text, a line a turn.",
        examples=["Examiner: Do you work, or are you a student?\nLearner: I am a student."],
    )
    turns: list[Turn]

    @classmethod
    def of(cls, detail: SessionDetail) -> Self:
        """Show the session and its turns."""
        return cls(
            **_session_fields(detail.session),
            analysis_status=detail.analysis_status,
            focus=SessionFocus.all_of(detail.session),
            summary=detail.session.summary,
            transcript="\n".join(f"{turn.speaker.capitalize()}: {turn.text}" for turn in detail.turns),
            turns=[Turn.of(turn) for turn in detail.turns],
        )


class Stretch(_Request):
    """A stretch of the recording; `end_ms` is exclusive and may lie behind the end."""

    model_config = ConfigDict(strict=False)  # in a query everything is text

    start_ms: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    end_ms: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_ms is not None and self.end_ms <= self.start_ms:
            raise ValueError("end_ms must be greater than start_ms")
        return self


class DevelopmentUser(_Request):
    """Who to sign in as; the same name is the same user."""

    user: Annotated[
        str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._@-]+$", strict=True)
    ] = Field(examples=["alice"])


class AccessToken(BaseModel):
    """A token to send as `Authorization: Bearer`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme's name
    expires_in: int = Field(description="Seconds.", examples=[43_200])


class Health(BaseModel):
    """What the process knows of itself."""

    status: Literal["ok", "starting", "stopping"] = Field(
        description="`starting` while something is not ready, `stopping` once the process was told to stop."
    )
    dependencies: dict[str, bool] = Field(
        description="Which of them work. Without those that `needed` does not name everything can be used, "
        "some of it a little later or by other means.",
        examples=[{"database": True, "speech": True, "workers": True}],
    )
    needed: list[str] = Field(
        description="Those without which nobody can be served.", examples=[["database", "speech"]]
    )
    notes: dict[str, str] = Field(
        description="A few words for operators about some of them.",
        examples=[{"workers": "3 due, the oldest for 12 s; 1 in hand", "gemini": "breaker closed"}],
    )
    asleep: list[str] = Field(
        description="Models that are loaded only when Google fails, or when an answer is analysed, and are "
        "not: whoever needs one first waits for it for some seconds.",
        examples=[["analysis", "recogniser", "voice"]],
    )
    uptime_s: float = Field(description="Seconds since the process began to serve.")
