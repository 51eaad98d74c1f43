"""Where a session's microphone audio lies in the blob store. Pure."""

from uuid import UUID

_SUFFIX = ".pcm"


def audio_folder(session_id: UUID) -> str:
    """Return the folder of the session's audio."""
    return f"audio/{session_id}/"


def audio_key(session_id: UUID, start_ms: int) -> str:
    """Return the key of the segment that starts at `start_ms`; keys sort as their segments do."""
    return f"{audio_folder(session_id)}{start_ms:010d}{_SUFFIX}"


def segment_start(key: str) -> int | None:
    """Return where the segment of `key` starts, or None if it is no segment."""
    name = key.rpartition("/")[2]
    digits = name.removesuffix(_SUFFIX)
    return int(digits) if name.endswith(_SUFFIX) and digits.isdecimal() else None
