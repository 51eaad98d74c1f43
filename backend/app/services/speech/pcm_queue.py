"""A stretch of a signal as the pieces it came in: they are kept, never copied, and so may be shared."""


class PcmQueue:
    """First in, first out, in bytes. A piece is let go when its last byte is dropped."""

    __slots__ = ("_dropped", "_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # a few dozen; an empty deque alone takes more memory than all of them
        self._dropped = 0
        self._size = 0

    def __len__(self) -> int:
        """Bytes in the queue."""
        return self._size

    def append(self, piece: bytes) -> None:
        """Add a piece at the end."""
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)

    def first(self, size: int) -> bytes:
        """Return the first `size` bytes, fewer if there are not as many."""
        pieces, found = [], -self._dropped
        for piece in self._pieces:
            if found >= size:
                break
            pieces.append(piece)
            found += len(piece)
        return b"".join(pieces)[self._dropped : self._dropped + size]

    def drop(self, size: int) -> None:
        """Remove the first `size` bytes, all if there are not as many."""
        self._size = max(0, self._size - size)
        self._dropped += size
        gone = 0
        for piece in self._pieces:
            if self._dropped < len(piece):
                break
            self._dropped -= len(piece)
            gone += 1
        del self._pieces[:gone]
        if not self._pieces:
            self._dropped = 0
