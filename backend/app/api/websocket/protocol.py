"""The socket's language: text events, binary audio frames, close codes. Pure; no I/O.

Text events are JSON objects tagged by `type`. Binary frames carry audio behind a 20-byte header.
`seq` counts durable events per session from 1, independently in each direction.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Literal

import msgspec

from app.services.speech import BYTES_PER_MS

MAX_TEXT_BYTES = 64 * 1024
MAX_FRAME_AUDIO_MS = 1_000
HEADER = struct.Struct("!BBHIIQ")
MAX_BINARY_BYTES = HEADER.size + MAX_FRAME_AUDIO_MS * BYTES_PER_MS

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Ms = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Base64Audio = Annotated[str, msgspec.Meta(max_length=48 * 1024)]


class CloseCode(IntEnum):
    """Why the server closed the socket; docs/protocol.md says which of them a client may reconnect after."""

    ENDED = 1000
    RESTART = 1012
    PROTOCOL = 4400
    AUTH = 4401
    NOT_OWNER = 4403
    UNKNOWN_SESSION = 4404
    SLOW_OR_IDLE = 4408
    SUPERSEDED = 4409
    EXPIRED = 4410
    DRAIN = 4012
    TOO_BIG = 4413
    LIMIT = 4429
    INTERNAL = 4500
    UNAVAILABLE = 4503


class FrameKind(IntEnum):
    """What a binary frame carries."""

    MICROPHONE = 1
    VOICE = 2


class FrameFlag(IntEnum):
    """Bits of a binary frame's flags."""

    LAST = 1


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One binary frame.

    `stream` is 0 for the microphone, and the number announced by `tts.audio` for the examiner's voice.
    `seq` counts frames of the stream from 0. `offset_ms` is the position of the first sample in the stream,
    counted in samples, never in wall time. `ts_ms` is the sender's clock, informational.
    """

    kind: FrameKind
    stream: int
    seq: int
    offset_ms: int
    payload: bytes
    ts_ms: int = 0
    last: bool = False


ErrorClass = Literal["client", "auth", "limit", "upstream", "server"]
"""Who can mend an error."""


class ProtocolError(Exception):
    """The peer broke the protocol, or asked for what cannot be done now.

    `code` is stable; `fatal` says whether the connection must close, and `close` how; `blame` is who can mend
    it; with `retry_after_ms` the same may work later.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fatal: bool = False,
        close: CloseCode = CloseCode.PROTOCOL,
        blame: ErrorClass = "client",
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fatal = fatal
        self.close = close
        self.blame: ErrorClass = blame
        self.retry_after_ms = retry_after_ms


# --- client to server -------------------------------------------------------------------------------------


class ClientEvent(msgspec.Struct, tag_field="type", kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What every client event may carry. `ack` is the highest server `seq` the client has stored."""

    event_id: Id | None = None
    seq: Seq | None = None
    ack: Seq | None = None
    ts: int | None = None


class Authenticate(ClientEvent, tag="auth", frozen=True):
    """First message of a client that could not send the token in a header."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


class AuthRefresh(ClientEvent, tag="auth.refresh", frozen=True):
    """A newer token for the same user."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


class AudioConfig(ClientEvent, tag="audio.config", frozen=True):
    """The microphone format the client will send; only 16 kHz mono PCM16 is accepted.

    The server's answer is an error `unsupported_audio` or silence. Must come before the first frame.
    """

    encoding: str = "pcm_s16le"
    sample_rate: int = 16_000
    channels: int = 1
    frame_ms: Annotated[int, msgspec.Meta(ge=10, le=MAX_FRAME_AUDIO_MS)] = 40


class SessionStart(ClientEvent, tag="session.start", frozen=True):
    """Begin the exam the session was created for."""

    display_name: Annotated[str, msgspec.Meta(max_length=80)] | None = None


class SessionResume(ClientEvent, tag="session.resume", frozen=True):
    """Go on after a lost connection: replay everything after `last_seq`."""

    session_id: Id
    last_seq: Seq = 0
    epoch: int | None = None


class AudioCommit(ClientEvent, tag="audio.commit", frozen=True):
    """The learner's own word about a stretch of audio; with `end_of_turn` the answer is over.

    Idempotent on `commit_id`: the same range again gives the same result, another range `commit_conflict`.
    `audio` carries PCM16 as base64 for clients that cannot send binary frames; it continues the microphone
    stream where it stands.
    """

    commit_id: Id
    audio_start_ms: Ms
    audio_end_ms: Ms
    end_of_turn: bool = False
    audio: Base64Audio | None = None


class SessionEnd(ClientEvent, tag="session.end", frozen=True):
    """Stop now; what was said is analysed."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Ready(ClientEvent, tag="prep.ready", frozen=True):
    """Start the Part 2 talk before the preparation minute is over."""


class Ack(ClientEvent, tag="ack", frozen=True):
    """Nothing but an acknowledgement (`ack`)."""


class PlaybackMark(ClientEvent, tag="playback.mark", frozen=True):
    """How much of the examiner's utterance the learner has heard; `done` when it was heard to its end."""

    utterance_id: Id
    played_ms: Ms
    done: bool = False


class ClientHeartbeat(ClientEvent, tag="heartbeat", frozen=True):
    """Sign of life; the server answers with its own."""


ClientMessage = (
    Authenticate
    | AuthRefresh
    | AudioConfig
    | SessionStart
    | SessionResume
    | AudioCommit
    | SessionEnd
    | Ready
    | Ack
    | PlaybackMark
    | ClientHeartbeat
)

# --- server to client -------------------------------------------------------------------------------------


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


class SessionResumed(ServerEvent, tag="session.resumed", frozen=True):
    """The answer to session.resume; `in_seq` is the highest client seq stored, `received_ms` the microphone
    position up to which audio is stored."""

    session_id: str
    in_seq: int
    received_ms: int
    replay_count: int
    continuity: bool
    phase: str
    epoch: int
    phase_remaining_ms: int | None = None
    played_ms: int | None = None


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


class TurnState(ServerEvent, tag="turn.state", frozen=True):
    """Whose turn it is."""

    state: Literal[
        "examiner_speaking", "preparing", "listening", "learner_speaking", "thinking", "paused", "ended"
    ]


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
    SummaryReady,
    AnalysisReady,
    WarningEvent,
)
"""Events that are written to the session's log, get a `seq`, and are replayed on resume."""
