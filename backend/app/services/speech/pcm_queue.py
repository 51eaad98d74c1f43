"""A stretch of a signal as the pieces it came in: they are kept, never copied, and so may be shared."""

from collections import deque


class PcmQueue:
    """First in, first out, in bytes. A piece is let go when its last byte is dropped."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
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
        while self._pieces and self._dropped >= len(self._pieces[0]):
            self._dropped -= len(self._pieces.popleft())
        if not self._pieces:
            self._dropped = 0
