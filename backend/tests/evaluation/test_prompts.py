"""`--mode evaluate prompts` renders every prompt and says which are as released."""

import json
from pathlib import Path

import pytest

from app.services.prompt_manager import read_folder
from evaluation import prompts


def test_every_prompt_of_the_product_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert prompts.main(["--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [tuple(p) for p in shown["prompts"]] == [("name", "version", "sha256", "valid")] * len(
        read_folder(prompts.PROMPTS)
    )
    assert all(p["valid"] for p in shown["prompts"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the prompts that may be changed, with nothing released."""
    for path in prompts.PROMPTS.glob("*.prompt"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(prompts, "PROMPTS", tmp_path)
    monkeypatch.setattr(prompts, "RELEASED_PROMPTS", tmp_path / "released.json")
    return tmp_path


def test_a_changed_prompt_fails_and_is_not_released_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prompts.main([]) == 1
    assert "is new" in capsys.readouterr().err
    assert prompts.main(["--release"]) == 0
    path = folder / "review.v1.prompt"
    path.write_text(path.read_text().replace("careful teacher", "kind teacher"))
    for arguments in ([], ["--release"]):
        assert prompts.main(arguments) == 1
        assert "review@1 has changed: make it version 2" in capsys.readouterr().err


def test_a_prompt_that_cannot_be_used_ends_the_evaluation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "review.v1.prompt").write_text("hello")
    assert prompts.main(["--json"]) == 2
    assert "review.v1.prompt" in capsys.readouterr().err
