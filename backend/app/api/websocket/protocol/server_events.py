"""What the server sends as text, and which of it is kept in the session's log."""

from typing import Any, Literal

import msgspec

from app.api.websocket.protocol.errors import ErrorClass


class ServerEvent(msgspec.Struct, tag_field="type", kw_only=True, omit_defaults=True, frozen=True):
    """What every server event may carry. `seq` is set on durable events only; `ack` is the highest client
    `seq` durably stored."""

    event_id: str | None = None
    seq: int | None = None
    ack: int | None = None
    ts: int | None = None
    turn_id: str | None = None


class CueCard(msgspec.Struct, frozen=True):
    """The Part 2 card."""

    topic: str
    prompts: list[str]
    final_prompt: str


class WordTiming(msgspec.Struct, frozen=True):
    """A recognised word; times are session milliseconds, `confidence` 0-1."""

    word: str
    start_ms: int
    end_ms: int
    confidence: float


class SessionStarted(ServerEvent, tag="session.started", frozen=True):
    """The exam has begun. `clock` states any shortening, e.g. `standard` or `short`."""

    session_id: str
    mode: str
    clock: str
    epoch: int
    audio_in: dict[str, Any]
    audio_out: dict[str, Any]


class SnapshotTurn(msgspec.Struct, frozen=True):
    """A contribution to the dialogue so far; times are session milliseconds."""

    turn_id: str
    speaker: Literal["examiner", "learner"]
    text: str
    start_ms: int
    end_ms: int
    part: int | None = None
    kind: str | None = None
    question_id: str | None = None


class SnapshotVoice(msgspec.Struct, frozen=True):
    """The line that is being spoken: its voice frames follow from `played_ms` of the session on."""

    utterance_id: str
    turn_id: str
    stream_id: int
    sample_rate: int
    encoding: str = "pcm_s16le"


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the session stands, for a client to whom the events it lacks cannot be sent any more.

    `last_seq` takes the place of the client's own. `turns` is the dialogue; what follows may repeat the last
    of it under the same `turn_id`. `question` is what the learner was asked last, `elapsed_ms` the exam time
    spent, `summary` that of an exam that is over.
    """

    last_seq: int
    mode: str
    clock: str
    turns: list[SnapshotTurn]
    elapsed_ms: int | None = None
    question: str | None = None
    part: int | None = None
    limit_ms: int | None = None
    card: CueCard | None = None
    voice: SnapshotVoice | None = None
    summary: dict[str, Any] | None = None


class SessionResumed(ServerEvent, tag="session.resumed", frozen=True):
    """The answer to session.resume; `in_seq` is the highest client seq stored, `received_ms` the microphone
    position up to which audio is stored. Without `continuity` there is a `snapshot` in the place of the
    events that are gone."""

    session_id: str
    in_seq: int
    received_ms: int
    replay_count: int
    continuity: bool
    phase: str
    epoch: int
    phase_remaining_ms: int | None = None
    played_ms: int | None = None
    snapshot: Snapshot | None = None


class ExamPhase(ServerEvent, tag="exam.phase", frozen=True):
    """The exam entered a phase; `limit_ms` is the time it may take, where it has a limit."""

    phase: str
    part: int | None = None
    limit_ms: int | None = None
    card: CueCard | None = None


class AiReply(ServerEvent, tag="ai.reply", frozen=True):
    """A line of the examiner. `start_ms` is the microphone position at which it was said."""

    utterance_id: str
    text: str
    part: int | None
    kind: str
    frame_conformance: Literal["verbatim", "slot_filled", "paraphrase", "free"]
    expects_answer: bool
    start_ms: int
    question_id: str | None = None


class TtsAudio(ServerEvent, tag="tts.audio", frozen=True):
    """Begin or end of the examiner's voice for an utterance; the sound itself comes in binary frames whose
    `stream` is `stream_id`."""

    utterance_id: str
    stream_id: int
    state: Literal["begin", "end"]
    sample_rate: int
    encoding: str = "pcm_s16le"
    duration_ms: int | None = None


class TtsClear(ServerEvent, tag="tts.clear", frozen=True):
    """Stop playing this utterance and drop what is buffered."""

    utterance_id: str


TurnStateName = Literal[
    "examiner_speaking",
    "preparing",
    "listening",
    "learner_speaking",
    "thinking",
    "reviewing",
    "paused",
    "ended",
]


class TurnState(ServerEvent, tag="turn.state", frozen=True):
    """Whose turn it is."""

    state: TurnStateName


class SttPartial(ServerEvent, tag="stt.partial", frozen=True):
    """A provisional transcript; a higher revision replaces a lower one of the same utterance."""

    utterance_id: str
    revision: int
    text: str
    start_ms: int
    end_ms: int


class SttFinal(ServerEvent, tag="stt.final", frozen=True):
    """The final transcript of one utterance of the turn."""

    utterance_id: str
    text: str
    start_ms: int
    end_ms: int
    words: list[WordTiming]
    confidence: float | None = None


class FeedbackChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place where a better version differs from the answer: a correction, or something left out.

    `start` to `end` are characters of the answer's `text`, `better_start` to `better_end` of the better one;
    ends are exclusive.
    """

    kind: Literal["correction", "left_out"]
    start: int
    end: int
    better_start: int
    better_end: int
    said: str
    better: str
    finding_id: str | None = None


class BetterVersion(msgspec.Struct, frozen=True):
    """The answer in the learner's own words, with the corrections that are sure and without hesitations."""

    text: str
    changes: list[FeedbackChange]


class TurnFeedback(ServerEvent, tag="turn.feedback", frozen=True):
    """In practice: what an answer was like. A later one for the same turn replaces it: the answer went on.

    `text` is the whole answer as understood, `findings` the two or three that matter most, in the shape of
    the analysis; `better` is missing where nothing would change. Rates in `measures` are null below twenty
    words.
    """

    text: str
    part: int | None
    question_id: str | None
    measures: dict[str, Any]
    findings: list[dict[str, Any]]
    note: str
    note_uz: str
    better: BetterVersion | None = None


class SummaryReady(ServerEvent, tag="session.summary_ready", frozen=True):
    """The fast summary, computed from what was known when the exam stopped; carries no bands."""

    summary: dict[str, Any]


class AnalysisReady(ServerEvent, tag="session.analysis_ready", frozen=True):
    """The deep analysis exists (or failed for good); fetch it at `url`."""

    analysis_id: str
    status: Literal["done", "failed"]
    url: str
    overall_band: float | None = None


class ServerAck(ServerEvent, tag="ack", frozen=True):
    """Microphone audio is stored up to `received_ms`; `commit_id` answers an audio.commit."""

    received_ms: int
    commit_id: str | None = None


class GoAway(ServerEvent, tag="session.go_away", frozen=True):
    """The server will close; reconnect after `reconnect_in_ms`."""

    reconnect_in_ms: int
    deadline_ms: int


class ServerHeartbeat(ServerEvent, tag="heartbeat", frozen=True):
    """Sign of life."""


class WarningEvent(ServerEvent, tag="warning", frozen=True):
    """Something the learner or client should know; nothing stops."""

    code: str
    message: str


class ErrorEvent(ServerEvent, tag="error", frozen=True):
    """Something was refused. `class` is who can mend it."""

    code: str
    class_: ErrorClass = msgspec.field(name="class")
    message: str
    retryable: bool = False
    fatal: bool = False
    ref_event_id: str | None = None
    retry_after_ms: int | None = None


ServerMessage = (
    SessionStarted
    | SessionResumed
    | ExamPhase
    | AiReply
    | TtsAudio
    | TtsClear
    | TurnState
    | SttPartial
    | SttFinal
    | TurnFeedback
    | SummaryReady
    | AnalysisReady
    | ServerAck
    | GoAway
    | ServerHeartbeat
    | WarningEvent
    | ErrorEvent
)

DURABLE: tuple[type[ServerEvent], ...] = (
    SessionStarted,
    ExamPhase,
    AiReply,
    TtsAudio,
    TtsClear,
    SttFinal,
    TurnFeedback,
    SummaryReady,
    AnalysisReady,
    WarningEvent,
)
"""Events that are written to the session's log, get a `seq`, and are replayed on resume."""
