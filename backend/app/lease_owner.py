"""The name under which a process holds the leases of its sessions."""

import os
import socket
from secrets import token_hex


def new_start() -> str:
    """Return what tells one start of a process from every other."""
    return token_hex(8)


def lease_owner(start: str, pid: int | None = None) -> str:
    """Return the name of the process `pid` of this machine, by default of this one.

    Numbers of processes are given out again; with its own `start` no process is taken for another.
    """
    return f"{socket.gethostname()}:{pid or os.getpid()}:{start}"
