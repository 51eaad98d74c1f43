"""Where a demo's server keeps its data: the folder that was asked for, or one that is cleared away."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.outcome import REPORTS
from demo.server import LOG_NAME


@contextmanager
def workspace(wanted: Path | None) -> Iterator[Path]:
    """Yield the data folder. Of a temporary one only the reports stay, and the server's log after an error.

    Raises OSError when the folder cannot be made.
    """
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="speakmate-demo-"))
    kept = {REPORTS}
    try:
        yield folder
    except Exception:
        kept.add(LOG_NAME)
        raise
    finally:
        _clear(folder, kept)


def _clear(folder: Path, kept: set[str]) -> None:
    for entry in folder.iterdir():
        if entry.name in kept:
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
