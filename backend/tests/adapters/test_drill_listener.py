"""Drills are heard with the models of the exam: recogniser, analyzer, and the reader of known texts."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from app.adapters.drill_listener import DrillModels, ModelListener, TextReader
from app.adapters.spacy_parser import SpacyParser
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.pronunciation_engine.learned import ReadingResult
from app.services.speech import EngineBusy
from app.services.training_engine.grading import AnswerRefused, ListeningUnavailable
from bench.parts.plain_activity import PlainActivity
from tests.fakes.engines import FakeRecogniser, Phrasebook

T = TypeVar("T")


class Reader:
    """Remembers what it was to read."""

    def assess_text(self, pcm: bytes, text: str) -> ReadingResult:
        """Return a result without scores."""
        if text == "xyzzy":
            raise ValueError(text)
        return ReadingResult("none", "other_text" if text else "silence")


@pytest.fixture
def book() -> Phrasebook:
    return Phrasebook()


def models(
    book: Phrasebook, parser: SpacyParser, *, reader: TextReader | None, busy: bool = False
) -> DrillModels:
    async def run(work: Callable[[], T]) -> T:
        if busy:
            raise EngineBusy("too much to do")
        return await asyncio.to_thread(work)

    async def analyzer() -> TurnAnalyzer:
        return TurnAnalyzer(parser)

    async def the_reader() -> TextReader | None:
        return reader

    return DrillModels(FakeRecogniser(book), PlainActivity(), run, analyzer, the_reader)


async def test_a_recording_is_recognised_and_analysed(book: Phrasebook, parser: SpacyParser) -> None:
    listener = ModelListener(lambda: models(book, parser, reader=None))
    pcm = book.speak(500, "He work in a bank.", 500)
    speech = await listener.hear(pcm)
    assert speech.text == "He work in a bank."
    assert 0 < speech.speech_ms <= 2_600
    heard = await listener.analyse(speech, pcm)
    assert [f.rule_id for f in heard.language.findings] == ["AGR-HE-SHE-IT"]


async def test_silence_is_no_speech(book: Phrasebook, parser: SpacyParser) -> None:
    speech = await ModelListener(lambda: models(book, parser, reader=None)).hear(bytes(64_000))
    assert (speech.text, speech.spans) == ("", ())


async def test_a_known_text_goes_to_the_reader(book: Phrasebook, parser: SpacyParser) -> None:
    listener = ModelListener(lambda: models(book, parser, reader=Reader()))
    assert (await listener.read_aloud(b"\0\0", "west, vest")).reason == "other_text"


async def test_a_text_that_cannot_be_scored_is_refused(book: Phrasebook, parser: SpacyParser) -> None:
    listener = ModelListener(lambda: models(book, parser, reader=Reader()))
    with pytest.raises(AnswerRefused) as refused:
        await listener.read_aloud(b"\0\0", "xyzzy")
    assert refused.value.code == "text_not_scorable"


async def test_what_is_missing_or_busy_is_said(book: Phrasebook, parser: SpacyParser) -> None:
    unloaded = ModelListener(lambda: None)
    deaf = ModelListener(lambda: models(book, parser, reader=None))
    busy = ModelListener(lambda: models(book, parser, reader=Reader(), busy=True))
    for call in (unloaded.hear(b"\0\0"), deaf.read_aloud(b"\0\0", "west"), busy.hear(b"\0\0")):
        with pytest.raises(ListeningUnavailable):
            await call
