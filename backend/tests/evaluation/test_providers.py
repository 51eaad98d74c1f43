"""`--mode evaluate providers` against local servers that speak the real protocols."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import google.auth
import grpc
import pytest
from google.auth.exceptions import DefaultCredentialsError
from structlog.testing import capture_logs

from app.adapters import google_speech, google_voice
from app.config import ConfigurationError, Settings
from evaluation import providers
from tests.fakes.engines import Phrasebook
from tests.fakes.google_speech_server import GoogleSpeechServer, serving
from tests.fakes.google_voice_server import GoogleVoiceServer, voice_serving
from tests.fakes.model_server import ModelServer, Step, model_server

REPLY = json.dumps({"findings": [], "verdicts": [], "line": "Why do people like it?"})


class Cloud:
    """Everything that can be set up, on this machine."""

    def __init__(self, gemini: ModelServer, patch: pytest.MonkeyPatch) -> None:
        self.gemini = gemini
        self.gemini.then = lambda asked: Step(REPLY)
        self.book = Phrasebook()
        self.speech = GoogleSpeechServer(self.book)
        self.voice = GoogleVoiceServer()
        self._patch = patch
        patch.setattr(providers, "spoken", lambda: self.book.speak(500, "I live near the river", 500))

    async def evaluated(self, **changes: Any) -> dict[str, dict[str, Any]]:
        """Return what came of each provider, by its name."""
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            google_cloud_project="speakmate",
            google_api_key="key",
            gemini_base_url=self.gemini.url,
            **changes,
        )
        async with AsyncExitStack() as stack:
            ears = await stack.enter_async_context(serving(self.speech))
            voice = await stack.enter_async_context(voice_serving(self.voice))

            async def connect(client: Any) -> Any:
                return client

            self._patch.setattr(google_speech, "connect", lambda location: connect(ears))
            self._patch.setattr(google_voice, "connect", lambda: connect(voice))
            found = await providers.evaluate(settings, sleep=_at_once)
        return {row["provider"]: row for row in found}


async def _at_once(seconds: float) -> None:
    """Do not wait."""


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with model_server() as gemini:
        yield Cloud(gemini, monkeypatch)


async def test_every_service_that_works_says_so(cloud: Cloud) -> None:
    found = await cloud.evaluated(google_voice="en-GB-Chirp3-HD-Charon")
    assert list(found) == ["google_voice", "google_speech", "gemini"]
    assert (found["google_voice"]["outcome"], found["google_voice"]["sound_ms"]) == ("said", 520)
    assert found["google_voice"]["pieces"] > 1
    assert (found["google_speech"]["outcome"], found["google_speech"]["text"]) == (
        "heard",
        "I live near the river",
    )
    assert found["google_speech"]["words_with_times"] == 5
    assert found["gemini"]["outcome"] in ("replied", "malformed")  # as the first prompt wants it
    assert found["gemini"]["model"] == "gemini-served"


async def test_what_is_refused_is_told_with_what_to_do(cloud: Cloud) -> None:
    cloud.speech.always = grpc.StatusCode.PERMISSION_DENIED
    cloud.voice.always = grpc.StatusCode.PERMISSION_DENIED
    cloud.gemini.then = lambda asked: Step(status=400)
    found = await cloud.evaluated()
    assert found["google_voice"]["outcome"] == found["google_speech"]["outcome"] == "failed"
    assert "enable the API" in found["google_voice"]["advice"]
    assert "never" in found["google_voice"]["message"]  # Google's own words
    assert "key" in found["gemini"]["advice"]


async def test_silence_is_no_success(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "spoken", lambda: bytes(32_000))
    found = await cloud.evaluated(llm_providers="none", text_to_speech="local")
    assert list(found) == ["google_speech"]
    assert found["google_speech"]["outcome"] == "failed"


async def test_nobody_signed_in_and_nothing_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nobody(**options: Any) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr(google.auth, "default", nobody)
    settings = Settings(_env_file=None, google_cloud_project="speakmate", speech_to_text="local")  # type: ignore[call-arg]
    [row] = await providers.evaluate(settings)
    assert (row["provider"], row["outcome"]) == ("google_voice", "failed")
    assert "gcloud auth" in row["advice"]
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        await providers.evaluate(Settings(_env_file=None))  # type: ignore[call-arg]


def test_the_command_says_what_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with model_server() as server, capture_logs():
        server.then = lambda asked: Step(status=401)
        for name, value in {
            "LLM_PROVIDERS": "openai_compatible",
            "OPENAI_BASE_URL": f"{server.url}/v1",
            "OPENAI_MODEL": "local-x",
            "GOOGLE_CLOUD_PROJECT": "",
        }.items():
            monkeypatch.setenv(name, value)
        assert providers.main(["--json"]) == 1
        told = capsys.readouterr()
        [row] = json.loads(told.out)["providers"]
        assert (row["provider"], row["outcome"]) == ("openai_compatible", "refused")
        assert "look at the key" in told.err
        monkeypatch.setenv("LLM_PROVIDERS", "none")
        assert providers.main([]) == 2
