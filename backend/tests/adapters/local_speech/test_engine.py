import asyncio
from pathlib import Path

import pytest

from app.adapters.local_speech import LoadState, LocalSpeech, SpeechModels, engine
from app.services.speech import ModelNotReady


async def test_can_be_handed_out_before_it_is_loaded(
    tmp_path: Path, speech_models: SpeechModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "load_models", lambda *_, **__: speech_models)
    speech = LocalSpeech(tmp_path)
    assert (speech.ready, speech.state, speech.load_seconds) == (False, LoadState.LOADING, None)
    with pytest.raises(ModelNotReady, match="still loading"):
        speech.voice_activity.open()
    with pytest.raises(ModelNotReady):
        speech.speech_to_text.open(start_ms=0, on_partial=print, on_utterance=print)
    with pytest.raises(ModelNotReady):
        await anext(speech.text_to_speech.stream("Hello."))
    waiting = asyncio.ensure_future(speech.wait_ready())
    await speech.load()
    await waiting
    assert speech.ready
    assert speech.load_seconds is not None
    assert speech.voice_activity.open().feed(bytes(1_024))
    assert await anext(speech.text_to_speech.stream("Hello."))
    await speech.aclose()
    await speech.aclose()


async def test_a_model_that_cannot_be_loaded_is_said_so(tmp_path: Path) -> None:
    speech = LocalSpeech(tmp_path, whisper_model=str(tmp_path / "no" / "such" / "model"))
    await speech.load()
    assert (speech.ready, speech.state) == (False, LoadState.FAILED)
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
