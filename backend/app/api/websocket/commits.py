"""audio.commit: what the learner says about a stretch of audio. Idempotent by `commit_id`."""

import base64
import binascii
from collections.abc import Container, Mapping

from app.api.websocket.protocol import AudioCommit, ProtocolError
from app.services.speech import BYTES_PER_MS

REMEMBERED = 500
STORED = 64
"""Commits that outlive the process: a client repeats only what was not acknowledged."""


class Commits:
    """The commits of one session, and those that still wait for their audio to be stored."""

    def __init__(self) -> None:
        self._ranges: dict[str, tuple[int, int]] = {}
        self._unstored: dict[str, int] = {}

    def is_repeat(self, commit: AudioCommit) -> bool:
        """Whether the same commit was taken before. Raises ProtocolError `commit_conflict`."""
        known = self._ranges.get(commit.commit_id)
        if known is None:
            return False
        if known != (commit.audio_start_ms, commit.audio_end_ms):
            raise ProtocolError(
                "commit_conflict",
                f"Commit {commit.commit_id} was {known[0]}-{known[1]} ms before; use a new commit_id.",
            )
        return True

    def take(self, commit: AudioCommit, *, received_ms: int) -> None:
        """Remember a commit; what it covers must have been received.

        Raises ProtocolError `commit_out_of_range`.
        """
        start_ms, end_ms = commit.audio_start_ms, commit.audio_end_ms
        if not start_ms <= end_ms <= received_ms:
            raise ProtocolError(
                "commit_out_of_range",
                f"{start_ms}-{end_ms} ms is not a range within the {received_ms} ms received; send the "
                "missing audio first.",
            )
        self._ranges[commit.commit_id] = (start_ms, end_ms)
        if len(self._ranges) > REMEMBERED:
            del self._ranges[next(iter(self._ranges))]
        self.await_storage(commit)

    def await_storage(self, commit: AudioCommit) -> None:
        """Have the commit acknowledged (again) once its audio is stored."""
        self._unstored[commit.commit_id] = commit.audio_end_ms

    def recent(self) -> dict[str, tuple[int, int]]:
        """Return the latest commits by id, for the process that goes on."""
        return dict(list(self._ranges.items())[-STORED:])

    def restore(self, ranges: Mapping[str, tuple[int, int]]) -> None:
        """Remember what another process has taken."""
        self._ranges.update(ranges)

    @property
    def wait_for_ms(self) -> int:
        """The position up to which audio must be stored for every commit to be acknowledged."""
        return max(self._unstored.values(), default=0)

    def stored(self, stored_ms: int, known: Container[str]) -> list[str]:
        """Return the ids of the commits to acknowledge: those of which the audio is stored up to `stored_ms`
        and that are `known` to the stored state."""
        done = [
            commit_id
            for commit_id, end_ms in self._unstored.items()
            if end_ms <= stored_ms and commit_id in known
        ]
        for commit_id in done:
            del self._unstored[commit_id]
        return done


def inline_audio(commit: AudioCommit) -> bytes:
    """Decode the audio a commit carries. Raises ProtocolError `bad_audio`."""
    if commit.audio is None:
        return b""
    try:
        pcm = base64.b64decode(commit.audio, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("bad_audio", "The audio of a commit is base64 without line breaks.") from None
    if len(pcm) != (commit.audio_end_ms - commit.audio_start_ms) * BYTES_PER_MS:
        raise ProtocolError(
            "bad_audio",
            f"The audio has {len(pcm)} bytes; {commit.audio_start_ms}-{commit.audio_end_ms} ms of 16 kHz "
            f"mono PCM16 are {BYTES_PER_MS} bytes a millisecond.",
        )
    return pcm
