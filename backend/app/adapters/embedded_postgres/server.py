"""The embedded database as the rest of the product sees it: start, connection strings, stop."""

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg.conninfo import make_conninfo

from app.adapters.embedded_postgres.account import Account, account_for
from app.adapters.embedded_postgres.binaries import Binaries, find_binaries
from app.adapters.embedded_postgres.cluster import (
    DATABASE,
    LOGIN_ROLE,
    SUPERUSER,
    create_cluster,
    read_password,
)
from app.adapters.embedded_postgres.errors import DataFolderInUse, EmbeddedPostgresError
from app.adapters.embedded_postgres.keeper import Keeper
from app.adapters.embedded_postgres.leftovers import clear_leftovers
from app.adapters.embedded_postgres.programs import data_argument, start
from app.adapters.embedded_postgres.runtime import PORT, make_runtime_folder

MAX_LOG_BYTES = 5_000_000
MAX_CONNECTIONS = 40
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "max_connections": str(MAX_CONNECTIONS),
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """A PostgreSQL server over the files in `data_dir`/postgres, reachable by a private socket only.

    It survives being killed at any point, restarts a server process that was killed, and ends with this
    process. Two servers over two data folders run side by side. Methods block; call them from any thread.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir.resolve() / "postgres"
        self._cluster = self._folder / "cluster"
        self._held = contextlib.ExitStack()
        self._runtime: Path | None = None

    @property
    def login_role(self) -> str:
        """The role the application signs in as; the schema creates it."""
        return LOGIN_ROLE

    @property
    def login_password(self) -> str:
        """The password the schema gives to `login_role`."""
        return read_password(self._folder, LOGIN_ROLE)

    @property
    def conninfo(self) -> str:
        """The application's connection string, once the schema has made its role."""
        return self._conninfo(LOGIN_ROLE)

    @property
    def superuser_conninfo(self) -> str:
        """The connection string that applies the schema; never used to serve a request."""
        return self._conninfo(SUPERUSER)

    def start(self) -> str:
        """Start the server, creating its files first if need be, and return `conninfo`.

        Raises DataFolderInUse while another process serves this folder, EmbeddedPostgresError otherwise.
        """
        if self._runtime is not None:
            return self.conninfo
        try:
            with contextlib.ExitStack() as held:
                self._open(held)
                self._held = held.pop_all()
        except PermissionError as refused:
            raise EmbeddedPostgresError(
                f"{refused.filename or self._folder} is not accessible to this account. "
                "Start as the account that made it, or choose another data folder."
            ) from refused
        return self.conninfo

    def stop(self) -> None:
        """End the server and give the data folder free. Idempotent."""
        self._runtime = None
        self._held.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _open(self, held: contextlib.ExitStack) -> None:
        """Take what the server needs, in order; `held` gives it back in reverse."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held.enter_context(_sole_owner(self._folder))
        account = account_for(self._cluster)
        clear_leftovers(self._cluster)
        runtime = make_runtime_folder(self._folder, account)
        held.callback(shutil.rmtree, runtime, ignore_errors=True)
        binaries = find_binaries()
        if not account.is_own:
            binaries = binaries.copied_to(runtime / "programs")
        if not self._cluster.exists():
            password = read_password(self._folder, SUPERUSER)
            create_cluster(
                self._cluster, binaries=binaries, account=account, runtime=runtime, password=password
            )
        log_file = self._folder / "server.log"
        if log_file.exists() and log_file.stat().st_size > MAX_LOG_BYTES:
            log_file.replace(log_file.with_suffix(".log.1"))
        keeper = Keeper(self._cluster, lambda: self._spawn(binaries, account, runtime, log_file), log_file)
        held.callback(keeper.stop)
        keeper.start()
        self._runtime = runtime

    def _spawn(
        self, binaries: Binaries, account: Account, runtime: Path, log_file: Path
    ) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [
            binaries.postgres,
            "-D",
            data_argument(self._cluster, account),
            "-k",
            runtime,
        ]
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with log_file.open("ab") as log:
            return start([*command, *options], cluster=self._cluster, account=account, output=log)

    def _conninfo(self, role: str) -> str:
        if self._runtime is None:
            raise EmbeddedPostgresError("The embedded database is not running.")
        return make_conninfo(
            host=str(self._runtime),
            port=PORT,
            dbname=DATABASE,
            user=role,
            password=read_password(self._folder, role),
        )


@contextlib.contextmanager
def _sole_owner(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel gives it free however the process ends."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            raise DataFolderInUse(
                f"Another server{f' (process {holder})' if holder else ''} uses {folder.parent}. "
                "Stop it, or start this one with another --data-dir."
            ) from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
