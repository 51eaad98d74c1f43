from pathlib import Path

import pytest

from app.config import Settings
from app.modes.arguments import Command
from app.modes.errors import CannotStart
from app.modes.settings import load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


def test_command_line_counts_more_than_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "127.0.0.2")
    monkeypatch.setenv("ENVIRONMENT", "prod")
    settings = load_settings(Command(mode="dev", port=0, data_dir=tmp_path))
    assert (settings.port, settings.host, settings.data_dir) == (0, "127.0.0.2", tmp_path)
    assert settings.environment == "dev"


def test_bad_values_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("EXAM_CLOCK", "fast")
    with pytest.raises(CannotStart, match=r"PORT: (.|\n)*EXAM_CLOCK: "):
        load_settings(Command(mode="dev"))


@pytest.mark.parametrize("mode", ["prod", "worker"])
def test_production_names_everything_that_is_missing(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "prod")
    with pytest.raises(CannotStart) as refused:
        load_settings(Command(mode=mode))  # type: ignore[arg-type]
    for name in (
        "SUPABASE_URL",
        "SUPABASE_KEY",
        "SUPABASE_JWT_SECRET",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_API_KEY",
        "DATABASE_URL",
    ):
        assert f"{name} is not set" in str(refused.value)
