"""A stretch of a signal that grows behind and shrinks in front, in memory of its own."""

import mmap

BLOCK = mmap.PAGESIZE
"""Bytes that are taken from the system, and given back to it, at a time."""
SPARE = 128
"""Blocks of the process that are kept for whoever needs one next: giving back takes the system's time, and
the interpreter's lock."""

_spare: list[mmap.mmap] = []


class PcmQueue:
    """First in, first out, in bytes.

    The sound of many sessions comes and goes all the time, between objects that stay. It lies in pages that
    go back to the system one by one: in the heap it left holes, and after every stall of the process the heap
    stayed as large as it had to be for all that had waited.
    """

    __slots__ = ("_begin", "_blocks", "_size")

    def __init__(self) -> None:
        self._blocks: list[mmap.mmap] = []
        self._begin = 0
        self._size = 0

    def __len__(self) -> int:
        """Bytes in the queue."""
        return self._size

    def append(self, piece: bytes) -> None:
        """Add a piece at the end."""
        rest = memoryview(piece)
        while rest:
            number, offset = divmod(self._begin + self._size, BLOCK)
            if number == len(self._blocks):
                self._blocks.append(_block())
            size = min(len(rest), BLOCK - offset)
            self._blocks[number][offset : offset + size] = rest[:size]
            self._size += size
            rest = rest[size:]

    def read(self, start: int, end: int) -> list[memoryview]:
        """Return the bytes of [start, end), counted from the first, in pieces; fewer if there are fewer.

        A piece stays as it is, for any thread, until it is dropped.
        """
        at, end = self._begin + start, self._begin + min(end, self._size)
        pieces = []
        while at < end:
            number, offset = divmod(at, BLOCK)
            pieces.append(memoryview(self._blocks[number])[offset : offset + end - at])
            at += len(pieces[-1])
        return pieces

    def drop(self, size: int) -> None:
        """Remove the first `size` bytes, all if there are not as many."""
        size = min(size, self._size)
        self._size -= size
        gone, self._begin = divmod(self._begin + size, BLOCK)
        if not self._size:
            gone, self._begin = len(self._blocks), 0
        _spare.extend(self._blocks[: min(gone, SPARE - len(_spare))])
        del self._blocks[:gone]


def _block() -> mmap.mmap:
    if _spare:
        return _spare.pop()
    return mmap.mmap(-1, BLOCK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
