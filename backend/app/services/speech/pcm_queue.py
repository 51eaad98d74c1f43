"""A stretch of a signal that grows behind and shrinks in front, in memory that is not the heap's."""

from array import array

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
        taken = 0
        while taken < len(piece):
            index, offset = divmod(self._begin + self._size, BLOCK)
            if index == len(self._numbers):
                self._numbers.append(self._memory.take())
            part = piece[taken : taken + BLOCK - offset]
            self._memory.write(self._numbers[index], offset, part)
            self._size += len(part)
            taken += len(part)

    def read(self, start: int, end: int) -> list[memoryview]:
        """Return the bytes of [start, end), counted from the first, in pieces; fewer if there are fewer.

        A piece stays as it is, for any thread, until it is dropped.
        """
        at, end = self._begin + start, self._begin + min(end, self._size)
        pieces = []
        while at < end:
            index, offset = divmod(at, BLOCK)
            pieces.append(self._memory.read(self._numbers[index], offset, offset + end - at))
            at += len(pieces[-1])
        return pieces

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
