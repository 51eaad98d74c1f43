"""A stretch of a signal that grows behind and shrinks in front, in memory that is not the heap's."""

from array import array
from math import ceil

from app.services.speech.pcm_blocks import BLOCK, PcmBlocks

_shared = PcmBlocks()


class PcmQueue:
    """First in, first out, in bytes."""

    __slots__ = ("_begin", "_memory", "_numbers", "_size")

    def __init__(self, memory: PcmBlocks = _shared) -> None:
        self._memory = memory
        self._numbers = array("I")
        self._begin = 0
        self._size = 0

    def __len__(self) -> int:
        """Bytes in the queue."""
        return self._size

    def append(self, piece: bytes) -> None:
        """Add a piece at the end."""
        end = self._begin + self._size
        missing = end + len(piece) - len(self._numbers) * BLOCK
        if missing > 0:
            self._numbers.extend(self._memory.take(ceil(missing / BLOCK)))
        self._memory.write(self._numbers, end, piece)
        self._size += len(piece)

    def read(self, start: int, end: int) -> list[memoryview]:
        """Return the bytes of [start, end), counted from the first, in pieces; fewer if there are fewer.

        A piece stays as it is, for any thread, until it is dropped.
        """
        return self._memory.read(self._numbers, self._begin + start, self._begin + min(end, self._size))

    def drop(self, size: int) -> None:
        """Remove the first `size` bytes, all if there are not as many."""
        size = min(size, self._size)
        self._size -= size
        gone, self._begin = divmod(self._begin + size, BLOCK)
        if not self._size:
            gone, self._begin = len(self._numbers), 0
        if gone:
            self._memory.give_back(self._numbers[:gone])
            del self._numbers[:gone]

    def __del__(self) -> None:
        """The collector may run on any thread, while another one takes a block."""
        self._memory.abandon(self._numbers)
