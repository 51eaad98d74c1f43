"""What a process has used so far, by the operating system's account."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu_s`: user and system time of all threads. `rss_bytes`: memory resident now."""

    cpu_s: float
    rss_bytes: int


def own_usage() -> Usage:
    """Return what this process has used. Without /proc the memory is its peak, which never shrinks."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        rss = pages * resource.getpagesize()
    except OSError:
        rss = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Usage(used.ru_utime + used.ru_stime, rss)
