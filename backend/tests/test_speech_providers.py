"""Google in front of the local recogniser, as the settings say."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError

from app.adapters import google_speech, google_voice
from app.adapters.local_speech import LocalSpeech
from app.config import ConfigurationError, Settings
from app.engines import FROM_SETTINGS
from app.services.conversation import bundled_bank
from app.services.language_model import ProviderState
from app.services.speech import Utterance
from app.speech_providers import PROVIDER, VOICE_PROVIDER, WithGoogle
from tests.fakes.engines import FakeRecogniser, FakeVoice, Phrasebook
from tests.fakes.google_speech_server import GoogleSpeechServer, serving
from tests.fakes.memory_blobs import MemoryBlobs


@dataclass
class Counted:
    """Implements SpeechMeter."""

    states: dict[str, ProviderState] = field(default_factory=dict)
    seconds: float = 0.0
    substituted: int = 0
    characters: int = 0

    def provider_is(self, name: str, state: ProviderState) -> None:
        self.states[name] = state

    def audio_sent(self, provider: str, seconds: float) -> None:
        self.seconds += seconds

    def text_sent(self, provider: str, characters: int) -> None:
        self.characters += characters

    def recogniser_substituted(self) -> None:
        self.substituted += 1


class LocalEars(LocalSpeech):
    """Local engines without models."""

    def __init__(self, folder: Path, book: Phrasebook) -> None:
        super().__init__(folder)
        self.speech_to_text = FakeRecogniser(book, final_s=0)  # type: ignore[assignment]
        self.text_to_speech = FakeVoice()  # type: ignore[assignment]

    async def load(self) -> None:
        """Load nothing."""


def chosen(folder: Path, **changes: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **changes)  # type: ignore[call-arg]


async def one_turn(engines: WithGoogle, pcm: bytes) -> tuple[Utterance, ...]:
    stream = engines.speech_to_text.open(start_ms=0, on_partial=lambda _: None, on_utterance=lambda _: None)
    stream.feed(pcm)
    try:
        return await stream.finish()
    finally:
        await stream.aclose()


async def test_google_hears_with_the_words_that_are_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = GoogleSpeechServer(Phrasebook())
    settings = chosen(
        tmp_path,
        google_cloud_project="speakmate",
        text_to_speech="local",
        google_speech_location="europe-west4",
        google_speech_phrases="Dilnoza, Samarkand,",
    )
    meter = Counted()
    engines = WithGoogle(settings, LocalEars(tmp_path, served.book), MemoryBlobs(), meter)
    asked: list[str] = []
    async with serving(served) as client:

        async def connect(location: str) -> Any:
            asked.append(location)
            return client

        monkeypatch.setattr(google_speech, "connect", connect)
        await engines.load()
        [heard] = await one_turn(engines, served.book.speak("good morning"))
        await engines.aclose()
    assert heard.text == "good morning"
    assert asked == ["europe-west4"]
    assert (meter.states, meter.substituted) == ({PROVIDER: "closed"}, 0)
    assert meter.seconds == pytest.approx(0.64)
    [opening] = served.configs
    assert opening.recognizer == "projects/speakmate/locations/europe-west4/recognizers/_"
    [phrases] = opening.streaming_config.config.adaptation.phrase_sets
    values = [phrase.value for phrase in phrases.inline_phrase_set.phrases]
    assert values[:2] == ["Dilnoza", "Samarkand"]
    assert len(values) > 20  # and the exam's topics


async def test_without_credentials_the_local_recogniser_hears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(**options: Any) -> None:
        raise DefaultCredentialsError("nobody is signed in")

    monkeypatch.setattr(google.auth, "default", nobody)
    book, meter = Phrasebook(), Counted()
    settings = chosen(tmp_path, google_cloud_project="speakmate")
    engines = WithGoogle(settings, LocalEars(tmp_path, book), MemoryBlobs(), meter)
    await engines.load()
    [heard] = await one_turn(engines, book.speak("good morning"))
    line = b"".join([chunk async for chunk in engines.text_to_speech.stream("Where do you live?")])
    await engines.aclose()
    assert len(line) > 0
    assert heard.text == "good morning"
    assert meter.states == {PROVIDER: "not_signed_in", VOICE_PROVIDER: "not_signed_in"}
    assert (meter.substituted, meter.seconds, meter.characters) == (1, 0.0, 0)


async def test_questions_of_the_bank_are_bought_once_and_nothing_else_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Client:
        """Signed in; the transport has nothing to close."""

        class transport:  # noqa: N801 - as Google's client calls it
            @staticmethod
            async def close() -> None:
                """Nothing is open."""

    class Voice:
        def __init__(self, client: Client, voice: str, *, on_sent: Callable[[int], None]) -> None:
            self._on_sent = on_sent

        async def __call__(self, text: str, sample_rate: int) -> AsyncGenerator[bytes, None]:
            self._on_sent(len(text))
            yield bytes(3_200)

    async def connect() -> Client:
        return Client()

    monkeypatch.setattr(google_voice, "connect", connect)
    monkeypatch.setattr(google_voice, "GoogleVoice", Voice)
    blobs, meter = MemoryBlobs(), Counted()
    settings = chosen(tmp_path, google_cloud_project="speakmate", speech_to_text="local")
    question = bundled_bank().part1[0].questions[0].text
    for _ in range(2):  # a start and the next
        engines = WithGoogle(settings, LocalEars(tmp_path, Phrasebook()), blobs, meter)
        await engines.load()
        for line in (question, "What is your sister like?"):
            assert [chunk async for chunk in engines.text_to_speech.stream(line)] == [bytes(3_200)]
        await engines.aclose()
    assert meter.states == {VOICE_PROVIDER: "closed"}
    assert meter.characters == len(question) + 2 * len("What is your sister like?")
    assert len(blobs.blobs) == 1


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, LocalSpeech),
        ({"google_cloud_project": "speakmate"}, WithGoogle),
        (
            {"google_cloud_project": "speakmate", "speech_to_text": "local", "text_to_speech": "local"},
            LocalSpeech,
        ),
        ({"google_cloud_project": "speakmate", "speech_to_text": "local"}, WithGoogle),
    ],
)
async def test_settings_choose_who_hears(tmp_path: Path, changes: dict[str, str], kind: type) -> None:
    engines = FROM_SETTINGS.speech(chosen(tmp_path, **changes), MemoryBlobs(), Counted())
    assert type(engines) is kind
    await engines.aclose()


def test_google_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        chosen(tmp_path, speech_to_text="google").recogniser()
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        chosen(tmp_path, text_to_speech="google").voice()
