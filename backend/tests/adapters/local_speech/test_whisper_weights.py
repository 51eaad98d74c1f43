import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.adapters.local_speech.whisper_weights import WeightsCorrupt, ensure_whisper_base

JOINED = b"first half" * 200_000 + b"second half" * 200_000
SHA256 = hashlib.sha256(JOINED).hexdigest()


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path]:
    """Two model packages with small weights."""
    first, second = tmp_path / "part1", tmp_path / "part2"
    first.mkdir()
    second.mkdir()
    (first / "model.bin.part1").write_bytes(JOINED[:2_000_000])
    (second / "model.bin.part2").write_bytes(JOINED[2_000_000:])
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (first / name).write_text(name)
    return first, second


def test_joins_the_parts_with_everything_the_model_needs(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    folder = ensure_whisper_base(tmp_path / "models" / "base", parts=parts, sha256=SHA256)
    assert (folder / "model.bin").read_bytes() == JOINED
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]


def test_joins_once(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    model = ensure_whisper_base(tmp_path, parts=parts, sha256=SHA256) / "model.bin"
    before = model.stat()
    ensure_whisper_base(tmp_path, parts=parts, sha256=SHA256)
    assert (model.stat().st_ino, model.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", [b"", JOINED[:-1], b"x" + JOINED[1:]])
def test_a_half_written_or_altered_file_is_built_again(
    tmp_path: Path, parts: tuple[Path, Path], damage: bytes
) -> None:
    (tmp_path / "model.bin").write_bytes(damage)
    ensure_whisper_base(tmp_path, parts=parts, sha256=SHA256)
    assert (tmp_path / "model.bin").read_bytes() == JOINED


def test_wrong_weights_are_refused_and_leave_nothing(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    (parts[1] / "model.bin.part2").write_bytes(b"something else")
    folder = tmp_path / "models"
    with pytest.raises(WeightsCorrupt):
        ensure_whisper_base(folder, parts=parts, sha256=SHA256)
    assert not [path for path in folder.iterdir() if "model.bin" in path.name]


def test_processes_that_start_together_do_not_disturb_each_other(
    tmp_path: Path, parts: tuple[Path, Path]
) -> None:
    folder = tmp_path / "models"
    with ThreadPoolExecutor(8) as starts:
        together = [starts.submit(ensure_whisper_base, folder, parts=parts, sha256=SHA256) for _ in range(8)]
    assert {start.result() for start in together} == {folder}
    assert (folder / "model.bin").read_bytes() == JOINED
    assert len(list(folder.iterdir())) == 4
