"""`--mode evaluate prompts` renders every prompt and says which are as released."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.services.prompt_manager import read_folder
from evaluation import prompts
from tests.fakes.model_server import ModelServer, Step, model_server


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


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A server that the settings name."""
    with model_server() as running:
        monkeypatch.setenv("LLM_PROVIDERS", "openai_compatible")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("OPENAI_MODEL", "local-x")
        yield running


def test_live_asks_the_model_that_is_set_up_about_every_prompt(
    server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.then = lambda asked: Step(json.dumps({"findings": [], "verdicts": []}))
    with capture_logs():
        assert prompts.main(["--live", "--json"]) == 1
    shown = {p["name"]: p["live"] for p in json.loads(capsys.readouterr().out)["prompts"]}
    assert len(server.asked) == len(shown)
    assert (shown["review"]["outcome"], shown["review"]["model"]) == ("replied", "local-served")
    assert shown["rephrase"]["outcome"] == "malformed"


def test_live_needs_a_model(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LLM_PROVIDERS", "none")
    assert prompts.main(["--live"]) == 2
    assert "GOOGLE_API_KEY" in capsys.readouterr().err
