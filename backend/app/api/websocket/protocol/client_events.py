"""What a client sends as text."""

from typing import Annotated

import msgspec

from app.api.websocket.protocol.frames import MAX_FRAME_AUDIO_MS

MAX_TEXT_BYTES = 64 * 1024

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Ms = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Base64Audio = Annotated[str, msgspec.Meta(max_length=48 * 1024)]


class ClientEvent(msgspec.Struct, tag_field="type", kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What every client event may carry. `ack` is the highest server `seq` the client has stored."""

    event_id: Id | None = None
    ack: Seq | None = None
    ts: int | None = None


class NumberedEvent(ClientEvent, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """An event that must not be lost. `seq` counts them from the one of `session.start` on, without a hole;
    one that was taken before is passed over. A client that never sends them again may leave it out."""

    seq: Seq | None = None


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


class SessionStart(NumberedEvent, tag="session.start", frozen=True):
    """Begin the exam the session was created for."""

    display_name: Annotated[str, msgspec.Meta(max_length=80)] | None = None


class SessionResume(ClientEvent, tag="session.resume", frozen=True):
    """Go on after a lost connection: replay everything after `last_seq`."""

    session_id: Id
    last_seq: Seq = 0
    epoch: int | None = None


class AudioCommit(NumberedEvent, tag="audio.commit", frozen=True):
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


class SessionEnd(NumberedEvent, tag="session.end", frozen=True):
    """Stop now; what was said is analysed."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Ready(NumberedEvent, tag="prep.ready", frozen=True):
    """Start the Part 2 talk before the preparation minute is over."""


class TurnRetry(NumberedEvent, tag="turn.retry", frozen=True):
    """In practice: the question again, to hear it once more or to give another answer."""


class TurnNext(NumberedEvent, tag="turn.next", frozen=True):
    """In practice: the next question."""


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
    | TurnRetry
    | TurnNext
    | Ack
    | PlaybackMark
    | ClientHeartbeat
)
