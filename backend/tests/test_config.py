import re
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import BACKEND, REPOSITORY, ConfigurationError, Settings

EXAMPLE = BACKEND / ".env.example"
LINE = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
PRODUCTION = {
    "environment": "prod",
    "supabase_url": "https://project.supabase.co/",
    "supabase_key": "sb_secret_x",
    "supabase_jwt_secret": "s" * 32,
    "google_cloud_project": "speakmate",
    "google_api_key": "key",
    "database_url": "postgresql://speakmate:password@db.example/postgres",
}

LOCAL = {"openai_base_url": "http://127.0.0.1:11434/v1", "openai_model": "qwen3"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine, and no .env, reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


def production(**changes: object) -> Settings:
    return Settings.model_validate(PRODUCTION | changes)


def documented() -> dict[str, str]:
    """Every NAME=value of .env.example that has a comment above it."""
    lines = EXAMPLE.read_text().splitlines()
    found = {}
    for above, line in pairwise(lines):
        if (match := LINE.fullmatch(line)) and above.startswith("# ") and not above.startswith("# ---"):
            found[match["name"]] = match["value"]
    return found


def test_example_documents_every_variable_and_no_other() -> None:
    written = {match["name"] for line in EXAMPLE.read_text().splitlines() if (match := LINE.match(line))}
    assert written == {name.upper() for name in Settings.model_fields}
    assert documented().keys() == written


def test_example_shows_the_defaults() -> None:
    assert Settings(_env_file=EXAMPLE) == Settings()  # type: ignore[call-arg]


def test_defaults_start_a_development_server() -> None:
    settings = Settings()
    assert (settings.environment, settings.host, settings.port) == ("dev", "127.0.0.1", 8000)
    assert settings.uses_development_key
    assert settings.blob_dir == REPOSITORY / ".data" / "blobs"


def test_environment_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nSPEECH_WORKERS=\nDATA_DIR=elsewhere\n")
    monkeypatch.setenv("PORT", "9001")
    settings = Settings(_env_file=file)  # type: ignore[call-arg]
    assert settings.port == 9001  # the environment counts more than the file
    assert settings.speech_workers == 2  # empty means not set
    assert settings.data_dir == REPOSITORY / "elsewhere"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("AUTH_ALGORITHM", "none"),
        ("EXAM_CLOCK", "fast"),
        ("ENVIRONMENT", "staging"),
        ("GRACE_SECONDS", "-1"),
        ("RATE_LIMIT_READ", "300"),
        ("RATE_LIMIT_READ", "0/60"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1, proxy.internal"),
        ("WEB_ORIGINS", "*"),
        ("WEB_ORIGINS", "app.example.org"),
        ("WEB_ORIGINS", "https://app.example.org/"),
        ("WEB_ORIGINS", "https://*.example.org"),
    ],
)
def test_bad_value_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_lists_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,::1")
    monkeypatch.setenv("WEB_ORIGINS", "https://app.example.org, http://127.0.0.1:5173")
    monkeypatch.setenv("ALLOWED_HOSTS", "coach.example,")
    settings = Settings()
    assert settings.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")
    assert settings.web_origins == ("https://app.example.org", "http://127.0.0.1:5173")
    assert settings.allowed_hosts == ("coach.example",)


def test_misspelt_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PROT=9000\n")
    with pytest.raises(ValidationError, match="prot"):
        Settings(_env_file=file)  # type: ignore[call-arg]


def test_secrets_do_not_show() -> None:
    shown = repr(production(supabase_jwt_secret="hush" * 10, sentry_dsn="https://hush@sentry.example"))
    assert "hush" not in shown
    assert "password" not in shown
    assert "sb_secret" not in shown


def test_complete_production_has_no_problem() -> None:
    settings = production()
    assert settings.production_problems() == []
    assert settings.issuer == "https://project.supabase.co/auth/v1"
    assert settings.jwks_url == "https://project.supabase.co/auth/v1/.well-known/jwks.json"
    assert not settings.uses_development_key


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"environment"}))
def test_each_missing_setting_is_named(name: str) -> None:
    problems = production(**{name: ""}).production_problems()
    assert len(problems) == 1
    assert problems[0].startswith(f"{name.upper()} is not set")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"supabase_jwt_secret": "short"}, "32 bytes"),
        ({"supabase_url": "http://project.supabase.co"}, "https"),
        ({"database_url": "postgresql://postgres:x@db.example/postgres"}, "row level security"),
        ({"database_url": "postgresql://postgres.project:x@pooler.example/postgres"}, "row level security"),
        ({"database_url": "mysql://somewhere"}, "not a PostgreSQL connection string"),
        ({"exam_clock": "short"}, "EXAM_CLOCK"),
        ({"supabase_publishable_key": "sb_secret_y"}, "SUPABASE_PUBLISHABLE_KEY"),
        ({"llm_providers": "openai_compatible"}, "OPENAI_BASE_URL"),
    ],
)
def test_development_choice_is_named(changes: dict[str, object], words: str) -> None:
    [problem] = production(**changes).production_problems()
    assert words in problem


@pytest.mark.parametrize(
    ("changes", "providers"),
    [
        ({}, ()),
        ({"google_api_key": "key"}, ("gemini",)),
        ({"openai_base_url": "http://127.0.0.1:11434/v1"}, ()),
        (LOCAL, ("openai_compatible",)),
        ({**LOCAL, "google_api_key": "key"}, ("gemini", "openai_compatible")),
        (
            {**LOCAL, "google_api_key": "key", "llm_providers": "openai_compatible, gemini"},
            ("openai_compatible", "gemini"),
        ),
        ({**LOCAL, "google_api_key": "key", "llm_providers": "openai_compatible"}, ("openai_compatible",)),
        ({**LOCAL, "google_api_key": "key", "llm_providers": "none"}, ()),
    ],
)
def test_the_models_asked_are_those_configured_in_the_order_chosen(
    changes: dict[str, str], providers: tuple[str, ...]
) -> None:
    assert Settings(**changes).language_model_providers() == providers  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("providers", "words"),
    [("gemini", "GOOGLE_API_KEY"), ("openai_compatible", "OPENAI_BASE_URL"), ("bard", "not one of")],
)
def test_a_model_that_cannot_be_asked_is_named(providers: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Settings(llm_providers=providers).language_model_providers()


def test_public_keys_need_no_secret() -> None:
    settings = production(auth_algorithm="ES256", supabase_jwt_secret="")
    assert settings.production_problems() == []
    with pytest.raises(ConfigurationError, match="ES256"):
        settings.hs256_secret()


def test_production_refuses_the_development_key(tmp_path: Path) -> None:
    key = Settings(data_dir=tmp_path).hs256_secret()
    [problem] = production(data_dir=tmp_path, supabase_jwt_secret=key).production_problems()
    assert "development key" in problem
    with pytest.raises(ConfigurationError, match="SUPABASE_JWT_SECRET"):
        production(data_dir=tmp_path, supabase_jwt_secret="").hs256_secret()


def test_development_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = Settings(data_dir=tmp_path).hs256_secret()
    assert len(bytes.fromhex(key)) == 32
    assert Settings(data_dir=tmp_path).hs256_secret() == key
    [file] = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert Settings(data_dir=tmp_path / "other").hs256_secret() != key
    assert Settings(data_dir=tmp_path, supabase_jwt_secret="given").hs256_secret() == "given"
