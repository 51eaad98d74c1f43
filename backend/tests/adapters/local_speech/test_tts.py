from collections.abc import AsyncIterator

import numpy as np
import pytest

from app.adapters.local_speech import ModelPool, SpeechModels
from app.adapters.local_speech.tts import HibariVoice
from app.services.speech import ModelNotReady, SynthesisFailed

TEXT = "Good morning. Could you tell me your full name, please?"


@pytest.fixture
async def voice(speech_models: SpeechModels) -> AsyncIterator[HibariVoice]:
    pool = ModelPool(1)
    yield HibariVoice(lambda: speech_models.voice, pool)
    await pool.aclose()


async def chunks(voice: HibariVoice, text: str) -> list[bytes]:
    return [chunk async for chunk in voice.stream(text)]


async def test_speaks_in_short_chunks_at_conversation_level(voice: HibariVoice) -> None:
    spoken = await chunks(voice, TEXT)
    assert max(map(len, spoken)) <= voice.sample_rate * 2 // 5
    assert not any(len(chunk) % 2 for chunk in spoken)
    sound = np.frombuffer(b"".join(spoken), "<i2") / 32_768
    assert 2 < len(sound) / voice.sample_rate < 6
    assert 0.05 < np.sqrt(np.square(sound).mean()) < 0.12
    assert np.abs(sound).max() < 1


async def test_the_voice_starts_at_once(voice: HibariVoice) -> None:
    sound = np.frombuffer(b"".join(await chunks(voice, TEXT)), "<i2") / 32_768
    assert np.flatnonzero(np.abs(sound) > 0.01)[0] / voice.sample_rate < 0.1


async def test_the_same_text_is_the_same_sound(voice: HibariVoice) -> None:
    assert await chunks(voice, TEXT) == await chunks(voice, TEXT)


async def test_the_first_sentence_comes_before_the_others_are_computed(
    voice: HibariVoice, speech_models: SpeechModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []
    speak = speech_models.voice.speak
    monkeypatch.setattr(speech_models.voice, "speak", lambda text: (spoken.append(text), speak(text))[1])
    stream = voice.stream("First. " + "Then another sentence. " * 20)
    await anext(stream)
    await stream.aclose()
    assert spoken == ["First."]


@pytest.mark.parametrize("text", ["", " \n", "...", "😀", "\x00\u202e"])
async def test_nothing_to_say_is_no_sound(voice: HibariVoice, text: str) -> None:
    assert await chunks(voice, text) == []


@pytest.mark.parametrize("text", ["Привет, мир", "<b>& \x07 $%^", "O‘zbekiston", "a" * 500])
async def test_hostile_text_is_read_or_refused(voice: HibariVoice, text: str) -> None:
    try:
        spoken = await chunks(voice, text)
    except SynthesisFailed:
        return
    assert len(b"".join(spoken)) < 60 * voice.sample_rate * 2


@pytest.mark.parametrize("text", ["1" * 40, "word " * 1_000])
async def test_what_cannot_be_spoken_is_refused(voice: HibariVoice, text: str) -> None:
    with pytest.raises(SynthesisFailed):
        await chunks(voice, text)


async def test_before_the_model_is_loaded() -> None:
    def loading() -> None:
        raise ModelNotReady("The models are still loading.")

    pool = ModelPool(1)
    with pytest.raises(ModelNotReady):
        await chunks(HibariVoice(loading, pool), TEXT)
    await pool.aclose()
