"""Memory for sound, in blocks that all sessions of the process share."""

import mmap
from array import array
from collections import deque

BLOCK = 640
"""Bytes of a block: 20 ms, as a microphone sends them. 32 blocks fill five pages."""
SLAB_BLOCKS = 256
SLAB = SLAB_BLOCKS * BLOCK
"""Bytes that are taken from the system, and given back to it, at a time."""


class _Slab:
    __slots__ = ("free", "memory", "view")

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, SLAB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.view = memoryview(self.memory)
        self.free = list(reversed(range(SLAB_BLOCKS)))


class PcmBlocks:
    """Blocks by their number, for one thread. The lowest slab with room is always the next to be filled.

    The sound of many sessions comes and goes all the time, between objects that stay. In the heap it left
    holes, and after every stall of the process the heap stayed as large as it had to be for all that had
    waited. Here it moves down by itself, for hardly any of it stays longer than two seconds.
    """

    def __init__(self) -> None:
        self._slabs: list[_Slab] = []
        self._lowest = 0
        self._abandoned: deque[array[int]] = deque()

    @property
    def resident_bytes(self) -> int:
        """How much memory it takes at most: all slabs with anything in them."""
        return SLAB * sum(len(slab.free) < SLAB_BLOCKS for slab in self._slabs)

    def take(self) -> int:
        """Return a block that is nobody's."""
        while self._abandoned:
            self.give_back(self._abandoned.popleft())
        slabs = self._slabs
        while self._lowest < len(slabs) and not slabs[self._lowest].free:
            self._lowest += 1
        if self._lowest == len(slabs):
            slabs.append(_Slab())
        return self._lowest * SLAB_BLOCKS + slabs[self._lowest].free.pop()

    def give_back(self, numbers: "array[int]") -> None:
        """Let blocks go, with what is in them."""
        for number in numbers:
            index, block = divmod(number, SLAB_BLOCKS)
            slab = self._slabs[index]
            slab.free.append(block)
            self._lowest = min(self._lowest, index)
            if len(slab.free) == SLAB_BLOCKS:
                self._emptied(slab)

    def abandon(self, numbers: "array[int]") -> None:
        """Let blocks go from any thread, at any moment: whoever takes one next gives them back."""
        self._abandoned.append(numbers)

    def write(self, number: int, offset: int, piece: bytes) -> None:
        """Put a piece into a block, which has room for it."""
        index, block = divmod(number, SLAB_BLOCKS)
        start = block * BLOCK + offset
        self._slabs[index].view[start : start + len(piece)] = piece

    def read(self, number: int, start: int, end: int) -> memoryview:
        """Return a stretch of a block, no longer than the block: for any thread, until it is given back."""
        index, block = divmod(number, SLAB_BLOCKS)
        begin = block * BLOCK
        return self._slabs[index].view[begin + start : begin + min(end, BLOCK)]

    def _emptied(self, slab: _Slab) -> None:
        slab.memory.madvise(mmap.MADV_DONTNEED)
        while self._slabs and len(self._slabs[-1].free) == SLAB_BLOCKS:
            self._slabs.pop()
