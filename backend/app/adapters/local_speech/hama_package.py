"""The file that the hama package keeps its weights in."""

import math
import struct
from collections.abc import Mapping

import numpy as np

from app.services.pronunciation_engine.learned import Floats

_MAGIC = b"HAMAPK\x01"
_ALIGNMENT = 16
_STORED_AS = ("<f4", "<f2")


class UnknownPackageFormat(Exception):
    """The weights are not in the layout that this reads; the message says what was found."""


def read_weights(packed: bytes) -> Mapping[str, Floats]:
    """Return the arrays of a package by name, in single precision.

    Layout (hama 1.7): magic, a byte, their number (uint32); for each its name (uint16 length), kind of number
    and rank (bytes), shape (uint32), offset and size (uint64); and, aligned to 16 bytes, the data. Raises
    UnknownPackageFormat.
    """
    if not packed.startswith(_MAGIC):
        raise UnknownPackageFormat(f"The phone model's weights begin with {packed[:8]!r}, not {_MAGIC!r}.")
    found: dict[str, tuple[str, tuple[int, ...], int]] = {}
    try:
        count = struct.unpack_from("<I", packed, len(_MAGIC) + 1)[0]
        at = len(_MAGIC) + 5
        for _ in range(count):
            length = struct.unpack_from("<H", packed, at)[0]
            name = packed[at + 2 : at + 2 + length].decode()
            at += 2 + length
            kind, rank = packed[at], packed[at + 1]
            shape = struct.unpack_from(f"<{rank}I", packed, at + 2)
            offset = struct.unpack_from("<Q", packed, at + 2 + 4 * rank)[0]
            at += 18 + 4 * rank
            found[name] = _STORED_AS[kind], shape, offset
        start = at + -at % _ALIGNMENT
        return {
            name: np.frombuffer(packed, stored, math.prod(shape), start + offset)
            .reshape(shape)
            .astype(np.float32)
            for name, (stored, shape, offset) in found.items()
        }
    except (struct.error, IndexError, ValueError) as damaged:
        raise UnknownPackageFormat(f"The phone model's weights cannot be read: {damaged}") from damaged
