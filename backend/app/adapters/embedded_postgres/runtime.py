"""The short-lived folder beside the data: the socket, and for root a copy of the programs."""

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from app.adapters.embedded_postgres.account import Account
from app.adapters.embedded_postgres.errors import EmbeddedPostgresError

PORT = 5_432  # only part of the socket's name: the server does not listen on TCP
MAX_SOCKET_PATH = 103  # bytes; sun_path holds 104 on macOS, 108 on Linux, with the closing zero


def make_runtime_folder(data: Path, account: Account) -> Path:
    """Create an empty folder for the server of the data folder `data`, which nobody else may enter.

    Its name follows from `data`, so that what a killed server left is replaced rather than kept for ever.
    Raises EmbeddedPostgresError when no temporary folder is fit for a socket.
    """
    base = _base_folder(account)
    folder = base / f"speakmate-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    if not _cleared(folder, account):
        folder = base / f"speakmate-{secrets.token_hex(6)}"
    account.make_folder(folder)
    return folder


def _base_folder(account: Account) -> Path:
    for name in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - the folder inside is made private
        base = Path(name).resolve()
        socket = base / "speakmate-000000000000" / f".s.PGSQL.{PORT}"
        short = len(os.fsencode(socket)) <= MAX_SOCKET_PATH
        if base.is_dir() and short and (account.is_own or _everyone_may_enter(base)):
            return base
    raise EmbeddedPostgresError("No temporary folder for the database's socket: set TMPDIR to a short path.")


def _everyone_may_enter(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def _cleared(folder: Path, account: Account) -> bool:
    """Remove `folder` if it is ours, and say whether the name is free: others may write to /tmp too."""
    with contextlib.suppress(FileNotFoundError):
        if folder.lstat().st_uid not in {os.geteuid(), account.uid} or folder.is_symlink():
            return False
        shutil.rmtree(folder)
    return True
