"""A recording in a request's body: 16 kHz mono PCM16, as a WAV file or bare."""

import struct

from app.services.speech import SAMPLE_RATE

WAV_TYPES = frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"})
PCM_TYPES = frozenset({"audio/l16", "audio/pcm", "application/octet-stream"})
_PCM_FORMAT = 1
_EXTENSIBLE = 0xFFFE


class RecordingUnreadable(ValueError):
    """The body is no recording of that kind; the message says what is wrong."""


def is_recording(content_type: str) -> bool:
    """Whether a body of this type is a recording."""
    return _bare(content_type) in WAV_TYPES | PCM_TYPES


def read_recording(body: bytes, content_type: str) -> bytes:
    """Return the samples of a body, whole ones only. Raises RecordingUnreadable."""
    pcm = _wav_samples(body) if _bare(content_type) in WAV_TYPES else body
    if len(pcm) < 2:
        raise RecordingUnreadable("The recording holds no sound.")
    return pcm[: len(pcm) // 2 * 2]


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _wav_samples(body: bytes) -> bytes:
    """Return the data chunk; a length of zero or too much, as some recorders write it, means the rest."""
    if len(body) < 12 or body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise RecordingUnreadable("The body is not a WAV file.")
    position, known_format = 12, False
    while position + 8 <= len(body):
        name, size = body[position : position + 4], struct.unpack_from("<I", body, position + 4)[0]
        start = position + 8
        if name == b"fmt ":
            _check_format(body[start : start + 16])
            known_format = True
        elif name == b"data":
            if not known_format:
                raise RecordingUnreadable("The WAV file does not say what its sound is like.")
            return body[start : start + size] if size else body[start:]
        position = start + size + size % 2
    raise RecordingUnreadable("The WAV file holds no sound.")


def _check_format(chunk: bytes) -> None:
    if len(chunk) < 16:
        raise RecordingUnreadable("The WAV file is cut off.")
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk)
    if kind not in {_PCM_FORMAT, _EXTENSIBLE} or (channels, rate, bits) != (1, SAMPLE_RATE, 16):
        raise RecordingUnreadable(
            f"The recording must be 16 kHz mono PCM of 16 bits; this is {rate} Hz, {channels} channel(s), "
            f"{bits} bits."
        )
