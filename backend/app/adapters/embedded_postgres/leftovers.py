"""What a killed start may have left: a server without its parent, a lock file without its server."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.adapters.embedded_postgres.errors import EmbeddedPostgresError

PROGRAMS = {"postgres", "initdb"}
POLL_S = 0.02
FAST_STOP_S = 15.0
HARD_STOP_S = 5.0


def clear_leftovers(cluster: Path) -> None:
    """End every process that still works in `cluster` and remove a lock file that no process stands behind.

    Call it only while holding the data folder's lock: then whatever is found has lost its parent.
    Raises EmbeddedPostgresError when a process does not end.
    """
    for stop, patience_s in (
        (signal.SIGINT, FAST_STOP_S),  # fast shutdown
        (signal.SIGQUIT, HARD_STOP_S),  # immediate shutdown; the next start recovers from the log
        (signal.SIGKILL, HARD_STOP_S),
    ):
        if _stopped(cluster, stop, patience_s):
            break
    else:
        pids = ", ".join(map(str, workers_in(cluster)))
        raise EmbeddedPostgresError(
            f"An earlier database server (process {pids}) does not end; end it first."
        )
    # PostgreSQL itself copes with the file of a dead server, but would take a zombie that nobody reaps, or
    # whatever process has the number now, for a server that still runs.
    pid = postmaster_pid(cluster)
    if pid is not None and _exists(pid):
        (cluster / "postmaster.pid").unlink()


def workers_in(cluster: Path) -> list[int]:
    """Return the processes whose working folder is `cluster`: the server and its children."""
    if sys.platform != "linux":
        pid = postmaster_pid(cluster)
        return [pid] if pid is not None and _is_server_of(pid, cluster) else []
    return [pid for pid in _all_pids() if _works_in(pid, str(cluster))]


def postmaster_pid(cluster: Path) -> int | None:
    """Return the process number in the server's lock file; None without a readable one."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _stopped(cluster: Path, stop: signal.Signals, patience_s: float) -> bool:
    pids = workers_in(cluster)
    leader = postmaster_pid(cluster)
    for pid in [leader] if leader in pids else pids:  # the server ends its own children
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop)
    deadline = time.monotonic() + patience_s
    while workers_in(cluster):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, folder: str) -> bool:
    try:
        if os.readlink(f"/proc/{pid}/cwd") != folder:
            return False
        return Path(f"/proc/{pid}/comm").read_text().strip() in PROGRAMS  # and not somebody's shell
    except OSError:  # ended meanwhile, a zombie, or another account's
        return False


def _is_server_of(pid: int, cluster: Path) -> bool:
    command = ["/bin/ps", "-p", str(pid), "-o", "command="]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed program
    return f"-D {cluster}" in listing.stdout
