"""What the process keeps of the memory that it no longer uses, where the C library is glibc.

glibc gives each thread that allocates a heap of its own, up to eight for each core, and keeps what is freed
in them. With models that work in megabytes on several threads a server kept hundreds of MB for nobody.
"""

import asyncio
import ctypes
import sys
from functools import cache

M_ARENA_MAX = -8
"""malloc.h: the parameter of mallopt for how many heaps there may be."""
ARENAS = 2
GIVE_BACK_S = 15.0


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def share_heaps() -> None:
    """Let all threads of the process share ARENAS heaps. Call it before there are threads."""
    if (library := _glibc()) is not None:
        library.mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give the memory that nothing uses back to the system. Blocks for 10 ms and more."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


async def keep_giving_back(every_s: float = GIVE_BACK_S) -> None:
    """Give back every so often what nothing uses, on a thread of its own, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(give_back)
