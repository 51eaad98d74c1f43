"""The bounds of a realtime session: how long, how much, how many."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in milliseconds, sizes in bytes."""

    sessions: int = 200
    """Live sessions in one process."""
    connections_per_user: int = 5
    """Connections of one user to one process; a client that comes back may leave one behind for a while."""
    auth_ms: int = 5_000
    """A client without a token in its headers has this long to send one."""
    errors: int = 20
    """Errors after which a connection is closed."""
    grace_ms: int = 120_000
    """How long a session waits for its learner to come back."""
    inbox_bytes: int = 512 * 1024
    """What may wait for the session before its connection is no longer read."""
    read_bytes_per_s: int = 256 * 1024
    """How fast a client is read, eight times what a microphone sends; a message counts for 256 at least."""
    read_burst_bytes: int = 1024 * 1024
    """What is read at once all the same: half a minute of audio, spoken while the client was away."""
    outbox_bytes: int = 512 * 1024
    """What may wait for a client that reads too slowly."""
    send_ms: int = 5_000
    """How long one message may wait for a client to read it."""
    log_tail_bytes: int = 512
    """Durable events kept in memory besides the newest; older ones are read from the store."""
    voice_frame_ms: int = 100
    """Longest voice frame."""
    voice_ahead_ms: int = 2_000
    """How far the voice is sent ahead of the learner's ear."""
    microphone_ahead_ms: int = 30_000
    """How far the microphone may run ahead of time itself since the session started."""
    unstored_audio_ms: int = 10_000
    """Received audio that is not stored yet; beyond it frames are refused until storage catches up."""
    ack_every_ms: int = 1_000
    """At most one acknowledgement of stored audio in this time."""
    gap_ms: int = 3_000
    """How long frames beyond a gap are forgiven after the client was told."""
    stalled_ms: int = 1_000
    """Without a frame for this long, the microphone counts as silent by the wall clock."""
    transcription_ms: int = 15_000
    """How long the final transcript of an answer may take before the exam goes on without it."""
    summary_ms: int = 2_500
    """How long the summary waits for answers that are still being analysed."""
    analysis_ms: int = 180_000
    """How long a connection stays open for the deep analysis."""
    analysis_poll_ms: int = 3_000
    """How often the log is read for an analysis made by another process."""
    store_ms: int = 60_000
    """How long writing to the store is tried again before the session gives up."""
    idle_ms: int = 600_000
    """How long a client may be connected without starting the exam."""
    voice_cache_bytes: int = 48 * 1024 * 1024
    """The examiner's voice kept for all sessions: at 24 kHz a quarter of an hour is 43 MB."""
    flush_ms: int = 5_000
    """How long the end of a session waits for its last audio to be stored."""
    shutdown_ms: int = 8_000
    """How long sessions may take to be stored when the process stops."""
    conclude_ms: int = 60_000
    """How long a session may take to be ended that nobody can go on with."""
    sentence_ms: int = 4_000
    """How long a session that must move on waits for the sentence that is being said."""
    go_away_jitter_ms: int = 2_000
    """Clients sent away together come back spread over this time."""
    checkpoint_ms: int = 3_000
    """How often the state is stored, and with it the lease renewed, while nothing else is written."""
    takeover_ms: int = 13_000
    """How long a client waits for a session that another process holds; longer than a lease."""
    handover_poll_ms: int = 200
    """How often another process is asked for, and looks whether it is asked for, a session."""
    erased_poll_ms: int = 1_000
    """How often a process looks whether sessions that it holds were erased by another."""
    sweep_ms: int = 15_000
    """How often sessions are looked for that nobody came back to."""
