"""Settings: every variable the product reads, from the environment or backend/.env (see .env.example)."""

import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, cast, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.secret_file import read_or_create

BACKEND = Path(__file__).resolve().parents[1]
REPOSITORY = BACKEND.parent
WEB = REPOSITORY / "web"
PROMPTS = BACKEND / "prompts"
RELEASED_PROMPTS = PROMPTS / "released.json"

VERSION = "0.1.0"

REQUIRED_IN_PRODUCTION = (
    "SUPABASE_URL",
    "SUPABASE_KEY",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_API_KEY",
    "DATABASE_URL",
)
LEAST_AUDIT_DAYS = 30  # the database refuses to shorten it further
MIN_SECRET_BYTES = 32  # RFC 7518 section 3.2: an HS256 key has at least the hash's size


class ConfigurationError(Exception):
    """The settings do not fit together; the message says which and what to do."""


def _from_repository(path: Path) -> Path:
    return (REPOSITORY / path.expanduser()).resolve()


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _listed(text: object) -> object:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


def _network(text: str) -> str:
    """Anything else would be compared as text, and `*` believed from everybody."""
    return str(ip_network(text))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or url != f"{parts.scheme}://{parts.netloc}" or "*" in url:
        raise ValueError(f"{url!r} is no origin; write it as https://app.example.org, without a path")
    return url


_List = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
_Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_listed)
]
_Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_listed)]
_Rate = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}/[1-9]\d{0,5}$")]


def _month_or_ever(days: int) -> int:
    if days != 0 and days < LEAST_AUDIT_DAYS:
        raise ValueError(f"keep the audit log for {LEAST_AUDIT_DAYS} days at least, or for ever with 0")
    return days


_Price = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]

Provider = Literal["gemini", "openai_compatible"]
"""Who makes a language model."""


class Settings(BaseSettings):
    """The product's settings. Names are the environment variables' in lower case; empty means not set."""

    model_config = SettingsConfigDict(
        env_file=BACKEND / ".env",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Literal["dev", "prod", "test"] = "dev"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8_000
    data_dir: Annotated[Path, AfterValidator(_from_repository)] = REPOSITORY / ".data"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: Annotated[int, Field(ge=1, le=600)] = 20
    log_hash_key: Annotated[str, Field(repr=False)] = ""
    worker_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    hang_seconds: Annotated[int, Field(ge=2, le=3_600)] = 30

    database_url: Annotated[str, Field(repr=False)] = ""
    database_pool_size: Annotated[int, Field(ge=1, le=100)] = 10
    database_pooler: Literal["session", "transaction"] = "session"
    redis_url: Annotated[str, Field(repr=False)] = ""

    allowed_hosts: _List = ()
    trusted_proxies: _Networks = ()
    web_origins: _Origins = ()
    rate_limit_read: _Rate = "300/60"
    rate_limit_write: _Rate = "120/60"
    rate_limit_heavy: _Rate = "10/60"
    rate_limit_connect: _Rate = "30/60"
    rate_limit_sign_in: _Rate = "10/60"
    rate_limit_page: _Rate = "300/60"
    rate_limit_per_address: Annotated[int, Field(ge=1, le=10_000)] = 20

    supabase_url: Annotated[str, AfterValidator(_without_slash)] = ""
    supabase_publishable_key: str = ""
    supabase_key: Annotated[str, Field(repr=False)] = ""
    supabase_bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")] = "speakmate"
    blob_store: Literal["", "folder", "supabase"] = ""
    auth_algorithm: Literal["HS256", "ES256", "RS256"] = "HS256"
    supabase_jwt_secret: Annotated[str, Field(repr=False)] = ""
    jwt_audience: str = "authenticated"
    jwt_issuer: str = ""

    google_cloud_project: str = ""
    google_api_key: Annotated[str, Field(repr=False)] = ""
    sentry_dsn: Annotated[str, Field(repr=False)] = ""

    otel_exporter_otlp_endpoint: Annotated[str, AfterValidator(_without_slash)] = ""

    llm_providers: str = ""
    gemini_model: str = "gemini-3.8-flash"
    gemini_base_url: Annotated[str, AfterValidator(_without_slash)] = ""
    gemini_thinking: Literal["", "minimal", "low", "medium", "high"] = "minimal"
    gemini_input_price: _Price = 0.0
    gemini_output_price: _Price = 0.0
    openai_base_url: Annotated[str, AfterValidator(_without_slash)] = ""
    openai_model: str = ""
    openai_api_key: Annotated[str, Field(repr=False)] = ""
    openai_input_price: _Price = 0.0
    openai_output_price: _Price = 0.0
    llm_session_tokens: Annotated[int, Field(ge=0, le=100_000_000)] = 200_000
    llm_daily_tokens: Annotated[int, Field(ge=0, le=100_000_000)] = 600_000
    prompt_shares: str = ""
    examiner_wording: Literal["model", "script"] = "model"

    speech_to_text: Literal["", "google", "local"] = ""
    text_to_speech: Literal["", "google", "local"] = ""
    google_voice: Annotated[str, Field(pattern=r"^[a-z]{2,3}-[A-Z]{2}-[A-Za-z0-9-]+$")] = "en-GB-Neural2-B"
    google_speech_location: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "global"
    google_speech_model: str = "long"
    google_speech_language: str = "en-GB"
    google_speech_phrases: str = ""
    speech_workers: Annotated[int, Field(ge=1, le=64)] = 2
    whisper_model: str = "base"

    audio_retention_days: Annotated[int, Field(ge=0, le=36_500)] = 365
    audit_retention_days: Annotated[int, AfterValidator(_month_or_ever), Field(le=36_500)] = 730

    exam_clock: Literal["standard", "short"] = "standard"
    rounding_policy: Literal["nearest_half_up", "floor_half"] = "nearest_half_up"
    exams_per_user: Annotated[int, Field(ge=0, le=1_000)] = 3
    daily_minutes: Annotated[int, Field(ge=0, le=1_440)] = 240
    connections_per_user: Annotated[int, Field(ge=1, le=1_000)] = 5
    end_of_turn: Literal["words", "silence"] = "words"
    grace_seconds: Annotated[int, Field(ge=0, le=86_400)] = 120

    def blobs_in(self) -> Literal["folder", "supabase"]:
        """Return where audio and reports are kept: where BLOB_STORE says, or in production in Supabase.

        Raises ConfigurationError for Supabase without a project or its key.
        """
        if self.blob_store == "supabase" and not (self.supabase_url and self.supabase_key):
            raise ConfigurationError("BLOB_STORE is supabase: set SUPABASE_URL and SUPABASE_KEY too.")
        return self.blob_store or ("supabase" if self.environment == "prod" else "folder")

    @property
    def blob_dir(self) -> Path:
        """Where the filesystem blob store keeps audio and reports."""
        return self.data_dir / "blobs"

    @property
    def prepare_threshold(self) -> int | None:
        """At which use the database prepares a statement; None where a pooler rules that out."""
        return None if self.database_pooler == "transaction" else 5

    @property
    def issuer(self) -> str:
        """The `iss` a token must carry."""
        if self.jwt_issuer:
            return self.jwt_issuer
        return f"{self.supabase_url}/auth/v1" if self.supabase_url else "speakmate-development"

    @property
    def jwks_url(self) -> str:
        """Where Supabase publishes the public keys for ES256 and RS256; '' without SUPABASE_URL."""
        return f"{self.supabase_url}/auth/v1/.well-known/jwks.json" if self.supabase_url else ""

    @property
    def uses_development_key(self) -> bool:
        """Whether tokens are signed by this machine's own key, so that a development token may be minted."""
        return self.environment != "prod" and self.auth_algorithm == "HS256" and not self.supabase_jwt_secret

    def recogniser(self) -> Literal["google", "local"]:
        """Return who hears answers: Google where a project is set, unless SPEECH_TO_TEXT says otherwise.

        Raises ConfigurationError for Google without a project.
        """
        if self.speech_to_text == "google" and not self.google_cloud_project:
            raise ConfigurationError("SPEECH_TO_TEXT is google: set GOOGLE_CLOUD_PROJECT too.")
        return self.speech_to_text or ("google" if self.google_cloud_project else "local")

    def voice(self) -> Literal["google", "local"]:
        """Return who speaks for the examiner, chosen as for `recogniser`. Raises ConfigurationError."""
        if self.text_to_speech == "google" and not self.google_cloud_project:
            raise ConfigurationError("TEXT_TO_SPEECH is google: set GOOGLE_CLOUD_PROJECT too.")
        return self.text_to_speech or ("google" if self.google_cloud_project else "local")

    @property
    def keeps_models_away(self) -> bool:
        """Whether Google hears and speaks, so that a process need not hold any heavy model itself.

        Raises ConfigurationError.
        """
        return self.recogniser() == self.voice() == "google"

    def language_model_providers(self) -> tuple[Provider, ...]:
        """Return the providers to ask, in order of preference; by default those that are configured.

        Raises ConfigurationError for a provider that does not exist or lacks its settings.
        """
        lacking: dict[Provider, str] = {}
        if not self.google_api_key:
            lacking["gemini"] = "GOOGLE_API_KEY"
        if not (self.openai_base_url and self.openai_model):
            lacking["openai_compatible"] = "OPENAI_BASE_URL and OPENAI_MODEL"
        known = get_args(Provider)
        if not self.llm_providers:
            return tuple(name for name in known if name not in lacking)
        if self.llm_providers == "none":
            return ()
        chosen = [name.strip() for name in self.llm_providers.split(",")]
        for name in chosen:
            if name not in known:
                raise ConfigurationError(f"LLM_PROVIDERS: {name} is not one of {', '.join(known)} or none.")
            if name in lacking:
                raise ConfigurationError(f"LLM_PROVIDERS names {name}: set {lacking[name]} too.")
        return tuple(cast("Provider", name) for name in dict.fromkeys(chosen))

    def hs256_secret(self) -> str:
        """Return the secret that verifies HS256 tokens; outside production made on first use if none is set.

        Raises ConfigurationError in production without SUPABASE_JWT_SECRET, or with another AUTH_ALGORITHM.
        """
        if self.auth_algorithm != "HS256":
            raise ConfigurationError(
                f"AUTH_ALGORITHM is {self.auth_algorithm}: tokens are verified by public key."
            )
        if self.supabase_jwt_secret:
            return self.supabase_jwt_secret
        if self.environment == "prod":
            raise ConfigurationError("Set SUPABASE_JWT_SECRET: production has no key of its own.")
        return read_or_create(self._development_key, lambda: secrets.token_hex(32))

    def log_key(self) -> str:
        """Return the key of the hashes that stand for users in logs; made on first use if none is set."""
        return self.log_hash_key or read_or_create(
            self.data_dir / "log_hash_key", lambda: secrets.token_hex(32)
        )

    @property
    def _development_key(self) -> Path:
        return self.data_dir / "development_signing_key"

    def production_problems(self) -> list[str]:
        """Return why production must not start with these settings, one sentence each; [] when it may."""
        problems = [
            f"{name} is not set." for name in REQUIRED_IN_PRODUCTION if not getattr(self, name.lower())
        ]
        if self.supabase_url and urlsplit(self.supabase_url).scheme != "https":
            problems.append("SUPABASE_URL must start with https://.")
        if self.supabase_publishable_key.startswith("sb_secret_") or (
            self.supabase_publishable_key and self.supabase_publishable_key == self.supabase_key
        ):
            problems.append("SUPABASE_PUBLISHABLE_KEY is a secret key; it is shown to everyone.")
        problems += self._secret_problems()
        if self.database_url:
            problems += self._database_problems()
        try:
            self.language_model_providers()
        except ConfigurationError as wrong:
            problems.append(str(wrong))
        if self.exam_clock != "standard":
            problems.append("EXAM_CLOCK=short is for demonstrations; use standard.")
        return problems

    def _secret_problems(self) -> list[str]:
        if self.auth_algorithm != "HS256":
            return []
        secret = self.supabase_jwt_secret
        if not secret:
            return ["SUPABASE_JWT_SECRET is not set (or choose AUTH_ALGORITHM=ES256 or RS256)."]
        if len(secret.encode()) < MIN_SECRET_BYTES:
            return [f"SUPABASE_JWT_SECRET is shorter than {MIN_SECRET_BYTES} bytes."]
        if self._development_key.exists() and self._development_key.read_text().strip() == secret:
            return ["SUPABASE_JWT_SECRET is this machine's development key; use the project's own."]
        return []

    def _database_problems(self) -> list[str]:
        from psycopg import ProgrammingError  # noqa: PLC0415 - 0.1 s that only production needs
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

        try:
            user = str(conninfo_to_dict(self.database_url).get("user") or os.environ.get("PGUSER", ""))
        except ProgrammingError:
            return ["DATABASE_URL is not a PostgreSQL connection string."]
        if user == "postgres" or user.startswith("postgres."):  # a pooler's names are role.project
            return ["DATABASE_URL signs in as postgres, which bypasses row level security; use another role."]
        return []
