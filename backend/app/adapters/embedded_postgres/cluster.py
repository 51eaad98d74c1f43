"""Creating the database folder: whole or not at all."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from app.adapters.embedded_postgres.account import Account
from app.adapters.embedded_postgres.binaries import Binaries
from app.adapters.embedded_postgres.errors import EmbeddedPostgresError
from app.adapters.embedded_postgres.leftovers import clear_leftovers
from app.adapters.embedded_postgres.programs import data_argument, start
from app.secret_file import read_or_create

SUPERUSER = "postgres"
LOGIN_ROLE = "speakmate_login"
DATABASE = "speakmate"


def read_password(folder: Path, role: str) -> str:
    """Return the password of `role`, made on first use and kept in `folder`."""
    return read_or_create(folder / f"{role}.password", lambda: secrets.token_hex(24))


def create_cluster(
    cluster: Path, *, binaries: Binaries, account: Account, runtime: Path, password: str
) -> None:
    """Create the database folder `cluster` with an empty database.

    It is built beside its place and then renamed, so a crash leaves no half-made one.
    Raises EmbeddedPostgresError with the program's own words.
    """
    draft = cluster.with_name("cluster.new")
    if draft.exists():
        clear_leftovers(draft)
        shutil.rmtree(draft)
    account.make_folder(draft)
    password_file = runtime / "password"
    _write_for(account, password_file, password)
    data = data_argument(draft, account)
    initdb: list[str | Path] = [
        binaries.initdb,
        "-D",
        data,
        "--username",
        SUPERUSER,
        "--pwfile",
        password_file,
    ]
    _run([*initdb, "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"], draft, account)
    password_file.unlink()
    single_user: list[str | Path] = [binaries.postgres, "--single", "-D", data, "postgres"]
    _run(single_user, draft, account, statement=f"create database {DATABASE};")
    draft.rename(cluster)


def _run(command: list[str | Path], cluster: Path, account: Account, statement: str | None = None) -> None:
    process = start(
        command,
        cluster=cluster,
        account=account,
        output=subprocess.PIPE,
        stdin=subprocess.DEVNULL if statement is None else subprocess.PIPE,
    )
    with process:
        try:
            output, _ = process.communicate(None if statement is None else statement.encode() + b"\n")
        except BaseException:
            process.kill()
            raise
    said = output.decode(errors="replace")
    if process.returncode != 0 or "ERROR:" in said:
        raise EmbeddedPostgresError(f"The database folder could not be created.\n{said.strip()}")


def _write_for(account: Account, path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if not account.is_own:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)
