"""Threads share heaps, and what is freed goes back to the system."""

import subprocess
import sys
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="mallopt and malloc_trim are glibc's"
)

LIBC = """
import ctypes, sys, threading
from pathlib import Path
from app import memory

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
"""

HEAPS_OF_EIGHT_THREADS = """
libc.fopen.restype, libc.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
libc.fclose.argtypes, libc.malloc_info.argtypes = [ctypes.c_void_p], [ctypes.c_int, ctypes.c_void_p]
if sys.argv[1] == "shared":
    memory.share_heaps()
together = threading.Barrier(8)

def allocate():
    libc.malloc(10_000)
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, file)
libc.fclose(file)
print(Path(sys.argv[2]).read_text().count("<heap nr"))
"""

RESIDENT = """
def resident_mb():
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
"""

KEPT_OF_WHAT_IS_FREED = (
    RESIDENT
    + """
before = resident_mb()
blocks = [libc.malloc(60_000) for _ in range(300)]
for block in blocks:
    ctypes.memset(block, 1, 60_000)
for block in blocks[:-1]:  # the last one holds the top of the heap
    libc.free(block)
kept = resident_mb() - before
"""
)

GIVEN_BACK_ONCE = """
memory.give_back()
print(kept, resident_mb() - before)
"""

GIVEN_BACK_BY_AND_BY = """
import asyncio
from app.background import beside

async def wait_for_it():
    async with beside(memory.keep_giving_back(every_s=0.01), name="giving back"):
        async with asyncio.timeout(20):
            while (left := resident_mb() - before) >= kept / 2:
                await asyncio.sleep(0.01)
    return left

print(kept, asyncio.run(wait_for_it()))
"""


def said(program: str, *arguments: str) -> list[float]:
    """Run a program in a process of its own and return the numbers that it prints."""
    command = [sys.executable, "-c", LIBC + program, *arguments]
    ran = subprocess.run(command, cwd=BACKEND, capture_output=True, text=True, check=True)
    return [float(number) for number in ran.stdout.split()]


def test_threads_share_two_heaps(tmp_path: Path) -> None:
    file = str(tmp_path / "heaps.xml")
    assert said(HEAPS_OF_EIGHT_THREADS, "own", file)[0] > 2
    assert said(HEAPS_OF_EIGHT_THREADS, "shared", file)[0] <= 2


@pytest.mark.parametrize("give_back", [GIVEN_BACK_ONCE, GIVEN_BACK_BY_AND_BY])
def test_what_is_freed_goes_back_to_the_system(give_back: str) -> None:
    kept, left = said(KEPT_OF_WHAT_IS_FREED + give_back)
    assert kept > 10
    assert left < kept / 2
