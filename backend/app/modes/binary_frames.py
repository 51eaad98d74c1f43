"""WebSocket frames as they lie in what was read (RFC 6455, section 5.2). Pure.

A microphone sends hundreds of small binary messages while the server reads one word. The library's parser
is a generator with an object for every frame; here a whole binary message costs a few comparisons.
"""

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

MAX_HEADER_BYTES = 14
_WHOLE_BINARY = 0x82  # final, no extension, binary
_MASKED = 0x80
_TWO_BYTE_LENGTH = 126
_EIGHT_BYTE_LENGTH = 127
_MASK_BYTES = 4


def take_binary(data: bytes, at: int, messages: list[bytes]) -> int:
    """Add the masked, unfragmented binary messages that lie whole in `data` from `at` on to `messages`.

    Return where the first thing begins that is no such message, or only a part of one.
    """
    size = len(data)
    while size - at > 2 and data[at] == _WHOLE_BINARY:
        length = data[at + 1] - _MASKED
        begin = at + 2 + _MASK_BYTES
        if length == _TWO_BYTE_LENGTH:
            begin += 2
            length = data[at + 2] << 8 | data[at + 3] if size > begin else size
        elif not 0 <= length < _TWO_BYTE_LENGTH:
            break
        end = begin + length
        if end > size:
            break
        messages.append(apply_mask(data[begin:end], data[begin - _MASK_BYTES : begin]))
        at = end
    return at


def frame_size(data: bytes, at: int) -> int | None:
    """Return the size of the frame that begins at `at`, its header included; None if too little is there."""
    available = len(data) - at
    if available < 2:
        return None
    mask = _MASK_BYTES if data[at + 1] & _MASKED else 0
    length = data[at + 1] & ~_MASKED
    length_bytes = {_TWO_BYTE_LENGTH: 2, _EIGHT_BYTE_LENGTH: 8}.get(length, 0)
    if available < 2 + length_bytes:
        return None
    if length_bytes:
        length = int.from_bytes(data[at + 2 : at + 2 + length_bytes])
    return 2 + length_bytes + mask + length
