"""Whole answers through the real models: voice activity marks them, the stream splits and decodes them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import pytest

from app.adapters.local_speech import ModelPool, Priority, SpeechModels, Work
from app.adapters.local_speech.recognition import Recognition, WhisperRecogniser
from app.adapters.local_speech.vad import SileroStream
from app.services.speech import Partial, Segmenter, SpeechStarted, Utterance
from tests.adapters.local_speech.aloud import SENTENCES, say, silence, word_error_rate
from tests.fakes.readable_speech import frames


class SpyPool(ModelPool):
    """Counts what is asked for."""

    def __init__(self) -> None:
        super().__init__(2)
        self.asked: list[Priority] = []

    def submit(self, priority: Priority, fn: Callable[..., Any], *args: Any) -> Work[Any]:
        """Note and do."""
        self.asked.append(priority)
        return super().submit(priority, fn, *args)

    async def drained(self) -> None:
        """Return when everything asked for so far is computed."""
        async with asyncio.timeout(60):
            while self.running or self.waiting:
                await self.run(Priority.BACKGROUND, len, "")


class Answer:
    """A learner's microphone, heard as a session hears it."""

    def __init__(self, models: SpeechModels, pool: SpyPool) -> None:
        self.pool = pool
        self.partials: list[Partial] = []
        self.utterances: list[Utterance] = []
        self._activity = SileroStream(models.activity)
        self._segmenter = Segmenter()
        self.stream: Recognition = WhisperRecogniser(lambda: models.whisper, pool).open(
            start_ms=0, on_partial=self.partials.append, on_utterance=self.utterances.append
        )

    async def hear(self, pcm: bytes, *, drain_every_ms: int = 0) -> None:
        """Feed audio faster than real time, letting the pool catch up now and then."""
        fed = 0
        for frame in frames(pcm):
            self.stream.feed(frame)
            for event in self._segmenter.feed(self._activity.feed(frame)):
                if isinstance(event, SpeechStarted):
                    self.stream.resume(event.at_ms)
                else:
                    self.stream.pause(event.at_ms)
            fed += len(frame) // 32
            await asyncio.sleep(0)
            if drain_every_ms and fed % drain_every_ms == 0:
                await self.pool.drained()


@pytest.fixture
async def pool() -> AsyncIterator[SpyPool]:
    pool = SpyPool()
    yield pool
    await pool.aclose()


@pytest.fixture
def answer(speech_models: SpeechModels, pool: SpyPool) -> Answer:
    return Answer(speech_models, pool)


async def test_an_answer_is_decoded_while_the_examiner_waits(
    answer: Answer, pool: SpyPool, speech_models: SpeechModels
) -> None:
    await answer.hear(silence(1_000) + say(speech_models, SENTENCES[4]) + silence(900), drain_every_ms=1_000)
    await pool.drained()
    asked = len(pool.asked)
    (utterance,) = await answer.stream.finish()
    assert len(pool.asked) == asked, "nothing was left to decode"
    assert word_error_rate(SENTENCES[4], utterance.text) <= 0.1
    assert utterance.text == " ".join(word.text for word in utterance.words)
    edges = [edge for word in utterance.words for edge in (word.start_ms, word.end_ms)]
    assert edges == sorted(edges)
    assert 900 <= utterance.start_ms <= edges[0]
    assert edges[-1] <= utterance.end_ms

    assert len(answer.partials) >= 3
    assert [p.revision for p in answer.partials] == list(range(1, len(answer.partials) + 1))
    assert all(earlier.end_ms < later.end_ms for earlier, later in pairwise(answer.partials))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("sentences", "pause_ms"),
    [(SENTENCES[:7], 600), (SENTENCES + SENTENCES[:2], 0)],
    ids=["half a minute with pauses", "a minute without"],
)
async def test_a_long_answer_is_split_and_nothing_is_lost(
    answer: Answer, speech_models: SpeechModels, sentences: tuple[str, ...], pause_ms: int
) -> None:
    await answer.hear(silence(500) + say(speech_models, *sentences, pause_ms=pause_ms))
    utterances = await answer.stream.finish()
    assert len(utterances) >= 2
    assert all(u.end_ms - u.start_ms <= 28_000 for u in utterances)
    assert all(earlier.end_ms <= later.start_ms for earlier, later in pairwise(utterances))
    assert word_error_rate(" ".join(sentences), " ".join(u.text for u in utterances)) <= 0.08
    assert answer.utterances == list(utterances)


async def test_word_times_respect_the_pauses_that_were_heard(
    answer: Answer, speech_models: SpeechModels
) -> None:
    first, second = say(speech_models, "The weather was cold."), say(speech_models, "We went home.")
    await answer.hear(silence(500) + first + silence(1_500) + second + silence(200))
    (utterance,) = await answer.stream.finish()
    assert [word.text.lower().strip(".,") for word in utterance.words] == [
        "the",
        "weather",
        "was",
        "cold",
        "we",
        "went",
        "home",
    ]
    begin_ms = 500 + len(first) // 32 + 1_500
    assert utterance.words[3].end_ms < begin_ms - 1_400
    assert begin_ms - 100 < utterance.words[4].start_ms < utterance.words[4].end_ms < begin_ms + 500


async def test_silence_is_an_empty_answer(answer: Answer) -> None:
    await answer.hear(silence(6_000))
    assert [u.text for u in await answer.stream.finish()] == [""]
    assert answer.partials == []
