"""A signal that tells where it was cut."""

import struct

from app.services.speech import SAMPLE_RATE


def ramp(start_ms: int, end_ms: int) -> bytes:
    """A stretch of a signal in which every sample is its own number (modulo 2**15)."""
    first, last = start_ms * SAMPLE_RATE // 1000, end_ms * SAMPLE_RATE // 1000
    samples = [number % 2**15 for number in range(first, last)]
    return struct.pack(f"<{len(samples)}h", *samples)
