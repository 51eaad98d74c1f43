"""Memory for sound, in blocks that all sessions of the process share."""

import mmap
from array import array
from collections import deque

BLOCK = 1_280
"""Bytes of a block: 40 ms, as much as a busy server reads at a time. 16 blocks fill five pages."""
SLAB_BLOCKS = 128
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

    def take(self, count: int) -> list[int]:
        """Return blocks that are nobody's."""
        while self._abandoned:
            self.give_back(self._abandoned.popleft())
        slabs, taken = self._slabs, list[int]()
        while len(taken) < count:
            if self._lowest == len(slabs):
                slabs.append(_Slab())
            free, first = slabs[self._lowest].free, self._lowest * SLAB_BLOCKS
            while free and len(taken) < count:
                taken.append(first + free.pop())
            if not free:
                self._lowest += 1
        return taken

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

    def write(self, numbers: "array[int]", at: int, piece: bytes) -> None:
        """Put a piece into blocks, counted from the first one's first byte; they have room for it."""
        index, offset = divmod(at, BLOCK)
        done = 0
        while done < len(piece):
            slab, block = divmod(numbers[index], SLAB_BLOCKS)
            start = block * BLOCK + offset
            part = piece[done : done + BLOCK - offset]
            self._slabs[slab].view[start : start + len(part)] = part
            done += len(part)
            index, offset = index + 1, 0

    def read(self, numbers: "array[int]", at: int, end: int) -> list[memoryview]:
        """Return the bytes of [at, end) in blocks, in pieces: for any thread, until they are given back."""
        index, offset = divmod(at, BLOCK)
        pieces = []
        while at < end:
            slab, block = divmod(numbers[index], SLAB_BLOCKS)
            size = min(BLOCK - offset, end - at)
            start = block * BLOCK + offset
            pieces.append(self._slabs[slab].view[start : start + size])
            at += size
            index, offset = index + 1, 0
        return pieces

    def _emptied(self, slab: _Slab) -> None:
        slab.memory.madvise(mmap.MADV_DONTNEED)
        while self._slabs and len(self._slabs[-1].free) == SLAB_BLOCKS:
            self._slabs.pop()
