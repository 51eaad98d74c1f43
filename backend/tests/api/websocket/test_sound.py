"""The examiner's voice: spoken once, ahead, within bounds."""

import asyncio

from app.api.websocket.sound import MAX_SPOKEN_S, Sound, VoiceCache
from tests.fakes.engines import FakeVoice
from tests.virtual_time import virtual_time

TEXT = "Where do you live?"
SIZE = len(TEXT) * 60 * 32


def test_positions_are_counted_in_whole_samples() -> None:
    sound = Sound(TEXT, 22_050)
    sound.grow(bytes(2 * 22_050))
    assert sound.available_ms == 1_000
    assert sound.at(100) == 2 * 2_205
    assert sound.at(1) % 2 == 0
    assert sound.ms(sound.at(100)) == 100


@virtual_time
async def test_a_text_is_spoken_once_for_everybody() -> None:
    voice = FakeVoice()
    async with asyncio.TaskGroup() as tasks:
        cache = VoiceCache(voice, tasks, max_bytes=10 * SIZE)
        first, second = cache.speak(TEXT), cache.speak(TEXT)
        assert first is second
        assert not first.complete
    assert first.complete
    assert len(first.pcm) == SIZE
    assert voice.spoken == [TEXT]


@virtual_time
async def test_followers_hear_of_every_piece_and_of_the_end() -> None:
    news: list[tuple[int, bool]] = []
    async with asyncio.TaskGroup() as tasks:
        sound = VoiceCache(FakeVoice(), tasks, max_bytes=10 * SIZE).speak(TEXT)
        sound.follow(lambda: news.append((len(sound.pcm), sound.complete)))
    assert news == [(16_000, False), (32_000, False), (SIZE, False), (SIZE, True)]


@virtual_time
async def test_what_failed_is_tried_afresh() -> None:
    voice = FakeVoice()
    voice.failing = lambda _: True
    async with asyncio.TaskGroup() as tasks:
        cache = VoiceCache(voice, tasks, max_bytes=10 * SIZE)
        broken = cache.speak(TEXT)
        await asyncio.sleep(1)
        assert (broken.failed, broken.complete) == (True, True)
        voice.failing = lambda _: False
        again = cache.speak(TEXT)
    assert not again.failed
    assert len(again.pcm) == SIZE


@virtual_time
async def test_the_cache_keeps_what_was_asked_for_last() -> None:
    voice = FakeVoice()
    async with asyncio.TaskGroup() as tasks:
        cache = VoiceCache(voice, tasks, max_bytes=2 * SIZE)
        for text in ("a" * len(TEXT), "b" * len(TEXT), "a" * len(TEXT), "c" * len(TEXT)):
            cache.speak(text)
            await asyncio.sleep(1)
        cache.speak("a" * len(TEXT))
        cache.speak("b" * len(TEXT))
    assert [text[0] for text in voice.spoken] == ["a", "b", "c", "b"]


@virtual_time
async def test_a_voice_that_does_not_stop_is_stopped() -> None:
    async with asyncio.TaskGroup() as tasks:
        sound = VoiceCache(FakeVoice(), tasks, max_bytes=1).speak("x" * 2_000)
    assert MAX_SPOKEN_S * 1_000 <= sound.available_ms <= MAX_SPOKEN_S * 1_000 + 500
