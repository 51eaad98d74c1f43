"""A stored answer is heard as it would have been heard while it was spoken."""

import pytest

from app.services.speech import BYTES_PER_MS, RecognitionFailed, SpeechSpan, transcribe
from tests.fakes.engines import FakeRecogniser, Phrasebook
from tests.virtual_time import virtual_time

START_MS = 61_000


@virtual_time
async def test_what_was_said_comes_with_its_place_in_the_session() -> None:
    book = Phrasebook()
    pcm = book.speak(500, "I live here", 4_000, "with my family", 300)
    spans = [SpeechSpan(61_500, 62_460), SpeechSpan(66_460, 67_420)]
    utterances = await transcribe(FakeRecogniser(book), pcm, START_MS, spans)
    assert [utterance.text for utterance in utterances] == ["I live here", "with my family"]
    assert [word.start_ms for word in utterances[1].words] == [66_460, 66_780, 67_100]


@pytest.mark.parametrize(
    "spans",
    [[], [SpeechSpan(0, 100)], [SpeechSpan(61_500, 900_000)], [SpeechSpan(61_600, 61_700)]],
)
@virtual_time
async def test_marks_that_do_not_fit_the_sound_take_nothing_from_it(spans: list[SpeechSpan]) -> None:
    book = Phrasebook()
    pcm = book.speak(500, "I live here")
    utterances = await transcribe(FakeRecogniser(book), pcm, START_MS, spans)
    assert [utterance.text for utterance in utterances] == ["I live here"]


@virtual_time
async def test_a_recogniser_that_fails_says_so() -> None:
    book = Phrasebook()
    recogniser = FakeRecogniser(book)
    recogniser.failing = 1
    with pytest.raises(RecognitionFailed):
        await transcribe(recogniser, bytes(500 * BYTES_PER_MS), START_MS, [])
