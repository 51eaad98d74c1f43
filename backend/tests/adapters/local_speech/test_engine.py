import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.adapters.local_speech import LocalSpeech, Part, SpeechModels, engine
from app.services.speech import ModelNotReady


@pytest.fixture
def loading(speech_models: SpeechModels, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Models that are loaded at once; the list says which were."""
    loaded: list[str] = []

    def load(name: str, model: Any) -> Any:
        loaded.append(name)
        return model

    monkeypatch.setattr(engine, "load_whisper", lambda *_, **__: load("recogniser", speech_models.whisper))
    monkeypatch.setattr(engine, "HibariModel", lambda: load("voice", speech_models.voice))
    monkeypatch.setattr(engine, "SileroModel", lambda: load("activity", speech_models.activity))
    return loaded


async def test_can_be_handed_out_before_it_is_loaded(tmp_path: Path, loading: list[str]) -> None:
    speech = LocalSpeech(tmp_path)
    assert (speech.ready, speech.asleep) == (False, ())
    with pytest.raises(ModelNotReady, match="still loading"):
        speech.voice_activity.open()
    with pytest.raises(ModelNotReady):
        speech.speech_to_text.open(start_ms=0, on_partial=print, on_utterance=print)
    with pytest.raises(ModelNotReady):
        await anext(aiter(speech.text_to_speech.stream("Hello.")))
    assert speech.ears() == (None, None)
    waiting = asyncio.ensure_future(speech.wait_ready())
    await speech.load()
    await waiting
    assert speech.ready
    assert loading == ["activity", "recogniser", "voice"]
    assert speech.ears() == (speech.models.whisper, speech.models.activity)
    assert speech.voice_activity.open().feed(bytes(1_024))
    assert await anext(aiter(speech.text_to_speech.stream("Hello.")))
    await speech.aclose()
    await speech.aclose()


async def test_what_is_for_later_is_loaded_by_who_needs_it(tmp_path: Path, loading: list[str]) -> None:
    later: list[Part] = ["recogniser", "voice"]
    speech = LocalSpeech(tmp_path, later=later)
    await speech.load()
    await speech.wait_ready()
    assert (speech.ready, speech.asleep) == (True, ("recogniser", "voice"))
    assert loading == ["activity"]
    assert await anext(aiter(speech.text_to_speech.stream("Hello.")))
    assert speech.asleep == ("recogniser",)
    stream = speech.speech_to_text.open(start_ms=0, on_partial=print, on_utterance=print)
    stream.feed(bytes(32_000))
    assert [heard.text for heard in await stream.finish()] == [""]
    await stream.aclose()
    assert speech.asleep == ()
    assert loading == ["activity", "voice", "recogniser"]
    await speech.aclose()


async def test_what_was_needed_once_is_let_go(tmp_path: Path, loading: list[str]) -> None:
    speech = LocalSpeech(tmp_path, later=["voice"], rest_s=0.05)
    await speech.load()
    assert await anext(aiter(speech.text_to_speech.stream("Hello.")))
    async with asyncio.timeout(10):
        while not speech.asleep:  # noqa: ASYNC110 - nothing rings when a model is let go
            await asyncio.sleep(0.01)
    assert await anext(aiter(speech.text_to_speech.stream("Hello.")))
    assert loading.count("voice") == 2
    await speech.aclose()


async def test_a_model_that_cannot_be_loaded_is_said_so(tmp_path: Path) -> None:
    speech = LocalSpeech(tmp_path, whisper_model=str(tmp_path / "no" / "such" / "model"))
    await speech.load()
    assert not speech.ready
    with pytest.raises(ModelNotReady, match="could not be loaded"):
        await speech.wait_ready()
    await speech.aclose()


async def test_a_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def decoder(model: str, **_: object) -> None:
        asked.append(model)
        raise RuntimeError

    monkeypatch.setattr(engine, "WhisperDecoder", decoder)
    await LocalSpeech(tmp_path, whisper_model="/models/small").load()
    assert asked == ["/models/small"]
    assert not (tmp_path / "whisper-base").exists()
