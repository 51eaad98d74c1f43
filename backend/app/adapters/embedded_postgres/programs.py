"""Starting the server's programs: under its account, with an environment and a session of their own."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from app.adapters.embedded_postgres.account import Account

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


def data_argument(cluster: Path, account: Account) -> str:
    """Return what `-D` says about `cluster`, the working folder of the program.

    Another account may be unable to walk to the folder (a clone below a 0700 home), yet it owns it and
    starts inside it.
    """
    return str(cluster) if account.is_own or sys.platform != "linux" else "/proc/self/cwd"


def start(
    command: Sequence[str | Path],
    *,
    cluster: Path,
    account: Account,
    output: IO[bytes] | int,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start `command` in `cluster`, standard error and output to `output`.

    On Linux the program is asked to end (SIGINT) when the thread that called this ends, however it ends.
    A session of its own keeps the terminal's Ctrl-C away: the server must outlive its clients.
    """
    return subprocess.Popen(  # noqa: S603 - our own programs
        [str(part) for part in command],
        cwd=cluster,
        env={"LC_ALL": LOCALE, "PATH": os.environ.get("PATH", os.defpath)},  # no PGDATA, PGPORT, PGOPTIONS
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_end_with_parent(),  # noqa: PLW1509 - one system call, see there
        **account.run_as,
    )


def _end_with_parent() -> Callable[[], None] | None:
    """Return what the child runs between fork and exec: one system call, resolved beforehand.

    The kernel forgets the wish when the account changes, so it must come after that, as here.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGINT)
