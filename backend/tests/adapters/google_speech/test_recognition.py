"""Google's own client against a local server that speaks the protocol."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import grpc
import pytest

from app.adapters.google_speech import GoogleRecogniser, Hearing, Pacing
from app.adapters.google_speech.recognition import GoogleRecognition
from app.services.language_model import Breaker
from app.services.speech import Partial, RecognitionFailed, Utterance, WithSubstitute
from tests.fakes.engines import FakeRecogniser, Phrasebook
from tests.fakes.google_speech_server import GoogleSpeechServer, Leg, serving

FRAME_MS = 40
QUICK = Pacing(retry_s=0.01)
WORDS = [
    "my",
    "flat",
    "is",
    "in",
    "the",
    "old",
    "town",
    "and",
    "has",
    "two",
    "very",
    "very",
    "small",
    "rooms",
]
START_MS = 5_000


@dataclass
class Ear:
    """A turn at Google, and what came of it."""

    server: GoogleSpeechServer
    recogniser: GoogleRecogniser
    sent_s: list[float]
    partials: list[Partial] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)

    def open(self) -> GoogleRecognition:
        return self.recogniser.open(
            start_ms=START_MS, on_partial=self.partials.append, on_utterance=self.utterances.append
        )

    async def feed(self, stream: GoogleRecognition, pcm: bytes) -> None:
        """Feed frame by frame, leaving the connection time to carry each."""
        for at in range(0, len(pcm), FRAME_MS * 32):
            heard_ms = sum(self.server.heard_ms)
            stream.feed(pcm[at : at + FRAME_MS * 32])
            await until(lambda before=heard_ms: sum(self.server.heard_ms) > before or stream._running.done())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what the server has is not ours to signal
            await asyncio.sleep(0)


@asynccontextmanager
async def google(*legs: Leg, pacing: Pacing = QUICK, max_ms: int | None = None) -> AsyncIterator[Ear]:
    server = GoogleSpeechServer(Phrasebook(), list(legs), max_ms)
    sent: list[float] = []
    hearing = Hearing("speakmate", phrases=("Dilnoza", "Samarkand"))
    async with serving(server) as client:
        yield Ear(server, GoogleRecogniser(client, hearing, pacing=pacing, on_sent=sent.append), sent)


def texts(utterances: list[Utterance] | tuple[Utterance, ...]) -> list[str]:
    return [word.text for u in utterances for word in u.words]


async def test_interim_and_final_results_with_times_and_confidences() -> None:
    async with google() as ear, aclosing(ear.open()) as stream:
        stream.resume(START_MS)
        await ear.feed(stream, ear.server.book.speak("my flat is small", 800, "but cheap"))
        utterances = await stream.finish()
    assert [u.text for u in utterances] == ["my flat is small", "but cheap"]
    assert list(utterances) == ear.utterances
    assert [u.index for u in utterances] == [0, 1]
    first, second = utterances
    assert (first.start_ms, first.end_ms) == (START_MS, START_MS + 4 * 320)
    assert second.start_ms == START_MS + 4 * 320 + 800
    assert [w.probability for w in first.words] == pytest.approx([0.9] * 4)
    assert first.mean_logprob == pytest.approx(-0.105, abs=0.001)
    assert ear.partials[0].text == "my flat is"
    assert ear.partials[0].utterance_index == 0
    assert sum(ear.sent_s) == pytest.approx(6 * 0.32 + 0.8)


async def test_the_stream_asks_for_language_words_and_adaptation() -> None:
    async with google() as ear, aclosing(ear.open()) as stream:
        await ear.feed(stream, ear.server.book.speak("yes"))
        await stream.finish()
    [opening] = ear.server.configs
    assert opening.recognizer == "projects/speakmate/locations/global/recognizers/_"
    config = opening.streaming_config.config
    assert list(config.language_codes) == ["en-GB"]
    assert config.explicit_decoding_config.sample_rate_hertz == 16_000
    assert config.features.enable_word_time_offsets
    assert config.features.enable_word_confidence
    assert opening.streaming_config.streaming_features.interim_results
    [phrases] = config.adaptation.phrase_sets
    assert [p.value for p in phrases.inline_phrase_set.phrases] == ["Dilnoza", "Samarkand"]


async def test_no_request_is_larger_than_google_takes() -> None:
    async with google() as ear, aclosing(ear.open()) as stream:
        stream.feed(ear.server.book.speak(*WORDS))  # five seconds at once
        assert texts(await stream.finish()) == WORDS
    assert max(ear.server.sizes) <= 25_000
    assert len(ear.server.sizes) > 6


async def test_an_old_stream_is_closed_at_a_pause_and_no_word_is_lost_or_doubled() -> None:
    pacing = Pacing(rotate_after_s=2.0, rotate_by_s=4.0)
    async with google(pacing=pacing, max_ms=5_000) as ear, aclosing(ear.open()) as stream:
        at_ms = START_MS
        for word in (WORDS[:7], WORDS[7:10], WORDS[10:]):
            stream.resume(at_ms)
            await ear.feed(stream, ear.server.book.speak(*word))
            at_ms += 320 * len(word)
            stream.pause(at_ms)
            await ear.feed(stream, ear.server.book.speak(400))
            at_ms += 400
        utterances = await stream.finish()
    assert texts(utterances) == WORDS
    assert len(ear.server.heard_ms) > 2
    assert max(ear.server.heard_ms) < 4_000
    starts = [word.start_ms for u in utterances for word in u.words]
    assert all(a < b for a, b in pairwise(starts))
    overlap_s = sum(ear.sent_s) - (at_ms - START_MS) / 1000
    assert overlap_s == pytest.approx((len(ear.server.heard_ms) - 1) * 1.0, abs=0.1)


async def test_without_a_pause_a_stream_is_closed_in_the_middle_before_google_does() -> None:
    pacing = Pacing(rotate_after_s=1.0, rotate_by_s=3.0)
    async with google(pacing=pacing, max_ms=5_000) as ear, aclosing(ear.open()) as stream:
        stream.resume(START_MS)
        await ear.feed(stream, ear.server.book.speak(*WORDS))
        assert texts(await stream.finish()) == WORDS
    assert max(ear.server.heard_ms) <= 3_100


async def test_google_cutting_at_its_limit_loses_nothing() -> None:
    async with google(max_ms=5_000) as ear, aclosing(ear.open()) as stream:
        stream.resume(START_MS)
        await ear.feed(stream, ear.server.book.speak(*WORDS[:6], 800, *WORDS[6:12], 800, *WORDS[12:]))
        assert texts(await stream.finish()) == WORDS
    assert len(ear.server.heard_ms) > 1


@pytest.mark.parametrize(
    "status",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
)
async def test_a_stream_lost_in_the_middle_of_a_word_is_heard_again(status: grpc.StatusCode) -> None:
    async with google(Leg(cut_ms=1_000, status=status)) as ear, aclosing(ear.open()) as stream:
        stream.resume(START_MS)
        await ear.feed(stream, ear.server.book.speak(*WORDS))
        assert texts(await stream.finish()) == WORDS
    assert len(ear.server.heard_ms) == 2


async def test_a_stream_that_google_ends_without_a_word_is_heard_again() -> None:
    async with google(Leg(cut_ms=1_000, ends=True)) as ear, aclosing(ear.open()) as stream:
        await ear.feed(stream, ear.server.book.speak(*WORDS))
        assert texts(await stream.finish()) == WORDS


async def test_unavailable_twice_then_well() -> None:
    busy = Leg(refuse=grpc.StatusCode.UNAVAILABLE)
    quota = Leg(refuse=grpc.StatusCode.RESOURCE_EXHAUSTED)
    async with google(busy, quota) as ear, aclosing(ear.open()) as stream:
        stream.feed(ear.server.book.speak(*WORDS))
        assert texts(await stream.finish()) == WORDS


@pytest.mark.parametrize(
    ("status", "streams"),
    [(grpc.StatusCode.UNAVAILABLE, 3), (grpc.StatusCode.PERMISSION_DENIED, 1)],
)
async def test_it_is_given_up_after_some_tries_or_at_once(status: grpc.StatusCode, streams: int) -> None:
    async with google(*[Leg(cut_ms=320, status=status)] * 5) as ear, aclosing(ear.open()) as stream:
        stream.feed(ear.server.book.speak("yes"))
        await until(stream._running.done)
        with pytest.raises(RecognitionFailed):
            await stream.finish()
        assert len(ear.server.heard_ms) == streams


async def test_silence_from_google_while_the_learner_speaks_is_noticed() -> None:
    pacing = Pacing(stalled_s=0.2)
    async with google(Leg(hangs=True), pacing=pacing) as ear, aclosing(ear.open()) as stream:
        stream.resume(START_MS)
        frame = ear.server.book.speak("well")[: FRAME_MS * 32]

        def lost() -> bool:
            try:
                stream.feed(frame)
            except RecognitionFailed:
                return True
            return False

        await until(lost)


@pytest.mark.parametrize("fault", ["down", "hangs", "cut", "quota"])
async def test_the_local_recogniser_hears_what_google_cannot(fault: str) -> None:
    legs = {
        "down": [Leg(refuse=grpc.StatusCode.UNAVAILABLE)] * 9,
        "hangs": [Leg(hangs=True)] * 9,
        "cut": [Leg(cut_ms=3_500, status=grpc.StatusCode.UNAVAILABLE)]
        + [Leg(refuse=grpc.StatusCode.UNAVAILABLE)] * 9,
        "quota": [Leg(refuse=grpc.StatusCode.RESOURCE_EXHAUSTED)] * 9,
    }[fault]
    async with google(*legs, pacing=Pacing(retry_s=0.01, finish_s=0.3)) as ear:
        local = FakeRecogniser(ear.server.book, final_s=0)
        both = WithSubstitute(ear.recogniser, local, Breaker(asyncio.get_running_loop().time))
        stream = both.open(start_ms=START_MS, on_partial=lambda _: None, on_utterance=ear.utterances.append)
        pcm = ear.server.book.speak(*WORDS[:6], 800, *WORDS[6:])
        for at in range(0, len(pcm), FRAME_MS * 32):
            stream.feed(pcm[at : at + FRAME_MS * 32])
            await asyncio.sleep(0)
        utterances = await stream.finish()
        await stream.aclose()
    assert texts(utterances) == WORDS == texts(ear.utterances)
    assert [u.index for u in utterances] == list(range(len(utterances)))
    assert stream.substituted


async def test_a_dropped_turn_leaves_nothing_behind() -> None:
    async with google() as ear:
        stream = ear.open()
        stream.feed(ear.server.book.speak("yes"))
        await until(lambda: bool(ear.server.heard_ms))
        await stream.aclose()
        await stream.aclose()
        assert stream._running.done()


async def test_what_the_learner_is_called_is_expected_in_this_turn_alone() -> None:
    async with google() as ear:
        for hints in (["Dilnoza", "Karimova", "", "x" * 101], []):
            stream = ear.recogniser.open(
                start_ms=START_MS, on_partial=lambda _: None, on_utterance=lambda _: None, hints=hints
            )
            stream.feed(ear.server.book.speak("yes"))
            await stream.finish()
            await stream.aclose()
    sets = [config.streaming_config.config.adaptation.phrase_sets for config in ear.server.configs]
    told = [[phrase.value for phrase in only.inline_phrase_set.phrases] for [only] in sets]
    assert told == [["Dilnoza", "Karimova", "Samarkand"], ["Dilnoza", "Samarkand"]]
