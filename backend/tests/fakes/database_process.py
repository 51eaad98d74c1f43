"""A process that runs an embedded database until its standard input ends, to be killed or to be another user.

`python database_process.py DATA_DIR [UID]`: prints the superuser's connection string once it is up.
"""

import os
import sys
from pathlib import Path

from app.adapters.embedded_postgres import EmbeddedPostgres, server
from app.adapters.embedded_postgres.binaries import find_binaries


def become(uid: int, programs: Path) -> None:
    """Give up root for good. The programs are copied first: the new user may not reach the packages."""
    programs.mkdir()
    binaries = find_binaries().copied_to(programs)
    server.find_binaries = lambda: binaries
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def main(data_dir: Path, uid: int | None) -> None:
    if uid is not None:
        become(uid, data_dir.with_name(f"{data_dir.name}-programs"))
    with EmbeddedPostgres(data_dir) as database:
        sys.stdout.write(database.superuser_conninfo + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
