"""Where a session's microphone audio lies in the blob store. Pure."""

import re
from uuid import UUID

_NAME = re.compile(r"(\d{10})-(\d{6,})\.pcm")


AUDIO = "audio/"
"""Where the sessions' folders lie."""


def audio_folder(session_id: UUID) -> str:
    """Return the folder of the session's audio."""
    return f"{AUDIO}{session_id}/"


def audio_key(session_id: UUID, start_ms: int, epoch: int) -> str:
    """Return the key of the segment that starts at `start_ms`, written by the session's owner of `epoch`.

    No two owners have a key in common: one that lost the session cannot put its audio in the place of the
    other's. Keys sort as their segments do.
    """
    return f"{audio_folder(session_id)}{start_ms:010d}-{epoch:06d}.pcm"


def segment_start(key: str) -> tuple[int, int] | None:
    """Return where the segment of `key` starts and the epoch it was written in, or None if it is no
    segment."""
    name = _NAME.fullmatch(key.rpartition("/")[2])
    return None if name is None else (int(name[1]), int(name[2]))
