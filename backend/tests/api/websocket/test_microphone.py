"""The microphone: one contiguous signal, searched for speech."""

from uuid import uuid4

import pytest

from app.api.websocket.answer import LEAD_MS
from app.api.websocket.limits import Limits
from app.api.websocket.microphone import Microphone
from app.api.websocket.protocol import ProtocolError
from app.services.speech import AudioLog, SpeechStarted, SpeechStopped
from bench.parts.plain_activity import PlainActivity
from tests.fakes.engines import Phrasebook
from tests.fakes.memory_blobs import MemoryBlobs
from tests.virtual_time import virtual_time

LIMITS = Limits(microphone_ahead_ms=20_000, unstored_audio_ms=10_000)


def microphone(blobs: MemoryBlobs | None = None) -> tuple[Microphone, AudioLog]:
    audio = AudioLog(blobs or MemoryBlobs(), uuid4(), epoch=1)
    return Microphone(PlainActivity().open(), audio, LIMITS, now_ms=0), audio


@virtual_time
async def test_pieces_follow_each_other_and_repeats_are_skipped() -> None:
    mic, audio = microphone()
    first = mic.take(0, bytes(100 * 32), 0)
    assert first is not None
    assert mic.take(0, bytes(100 * 32), 0) is None
    overlap = mic.take(50, bytes(range(32)) * 100, 0)
    assert overlap is not None
    assert overlap.pcm == bytes(range(32)) * 50
    assert mic.position_ms == audio.received_ms == 150
    assert mic.take(150, b"", 0) is None


@virtual_time
async def test_speech_is_found_where_it_is() -> None:
    mic, _ = microphone()
    signal = bytes(1_000 * 32) + Phrasebook().speak("one two three", 800)
    found = []
    for offset in range(0, len(signal) // 32, 20):
        heard = mic.take(offset, signal[offset * 32 : (offset + 20) * 32], offset)
        assert heard is not None
        found += heard.events
    assert [type(event) for event in found] == [SpeechStarted, SpeechStopped]
    assert abs(found[0].at_ms - 1_000) <= 32
    assert abs(found[1].at_ms - 1_960) <= 32
    assert mic.speaking_since_ms is None


@virtual_time
async def test_in_a_session_taken_over_in_the_middle_speech_is_found_where_it_is() -> None:
    audio = AudioLog(MemoryBlobs(), uuid4(), epoch=2, start_ms=60_000)
    mic = Microphone(PlainActivity().open(), audio, LIMITS, now_ms=0, start_ms=57_000)
    heard = [
        mic.hear_again(bytes(3_000 * 32), 0),
        mic.take(60_000, Phrasebook().speak(500, "one two three", 800), 2_260),
    ]
    found = [event.at_ms for piece in heard if piece is not None for event in piece.events]
    assert [abs(at_ms - truth) <= 32 for at_ms, truth in zip(found, [60_500, 61_460], strict=True)] == [
        True
    ] * 2


@virtual_time
async def test_the_last_of_the_signal_is_at_hand() -> None:
    mic, _ = microphone()
    signal = bytes(1_600 * 32)
    mic.take(0, signal, 1_600)
    assert mic.recent() == (1_160, signal[-440 * 32 :])


@virtual_time
async def test_of_speech_that_an_answer_takes_in_no_more_is_kept() -> None:
    mic, _ = microphone()
    mic.listened_to = True
    signal = Phrasebook().speak("one two three four five")
    mic.take(0, signal, 1_600)
    assert mic.recent() == (1_160, signal[-440 * 32 :])


@virtual_time
async def test_speech_that_goes_on_while_nobody_listens_is_kept_longer_but_not_for_ever() -> None:
    mic, _ = microphone()
    signal = Phrasebook().speak(1_500, " ".join(["word"] * 6))
    mic.take(0, signal, 3_420)
    start_ms, kept = mic.recent()
    assert 960 <= start_ms <= 1_060, "as much before the speech"
    assert kept == signal[start_ms * 32 :]
    more = Phrasebook().speak(" ".join(["word"] * 15))
    mic.take(3_420, more, 8_220)
    assert mic.recent()[0] == 8_220 - 5_440


@virtual_time
@pytest.mark.parametrize("piece_ms", [20, 80, 400, 1_500])
async def test_what_lies_before_speech_is_at_hand_however_much_came_at_once(piece_ms: int) -> None:
    mic, audio = microphone()
    signal = bytes(1_500 * 32) + Phrasebook().speak("one two three four five")
    for offset in range(0, len(signal) // 32, piece_ms):
        mic.take(offset, signal[offset * 32 : (offset + piece_ms) * 32], offset)
        await audio.flush()
        if mic.speaking_since_ms is not None:
            start_ms, kept = mic.recent()
            assert start_ms <= mic.speaking_since_ms - LEAD_MS
            assert kept == signal[start_ms * 32 : mic.position_ms * 32]


@virtual_time
async def test_a_gap_is_told_once_forgiven_for_a_while_and_then_fatal() -> None:
    mic, _ = microphone()
    mic.take(0, bytes(40 * 32), 0)
    with pytest.raises(ProtocolError, match="40 ms was expected, 80 ms came") as told:
        mic.take(80, bytes(40 * 32), 100)
    assert not told.value.fatal
    assert mic.take(120, bytes(40 * 32), 140) is None
    with pytest.raises(ProtocolError) as fatal:
        mic.take(3_200, bytes(40 * 32), 3_200)
    assert fatal.value.fatal
    assert mic.take(40, bytes(40 * 32), 3_300) is not None


@virtual_time
async def test_a_filled_gap_is_forgotten() -> None:
    mic, _ = microphone()
    for position in (0, 1_000):
        with pytest.raises(ProtocolError) as told:
            mic.take(position + 500, bytes(32), 10_000 * position)
        assert not told.value.fatal
        mic.take(position, bytes(1_000 * 32), 10_000 * position + 1)


@virtual_time
async def test_audio_cannot_run_ahead_of_time() -> None:
    mic, audio = microphone()
    for second in range(20):
        mic.take(second * 1_000, bytes(32_000), 0)
        await audio.flush()
    with pytest.raises(ProtocolError, match="ahead of time") as told:
        mic.take(20_000, bytes(32_000), 0)
    assert (told.value.code, told.value.retry_after_ms) == ("audio_too_fast", 1_000)
    assert mic.take(20_000, bytes(32_000), 1_000) is not None


@virtual_time
async def test_audio_that_cannot_be_stored_is_not_taken() -> None:
    blobs = MemoryBlobs()
    blobs.down = True
    mic, _ = microphone(blobs)
    for second in range(10):
        mic.take(second * 1_000, bytes(32_000), second * 1_000)
    with pytest.raises(ProtocolError, match="send again from 10000 ms") as told:
        mic.take(10_000, bytes(32_000), 10_000)
    assert told.value.code == "audio_not_stored"
    assert mic.position_ms == 10_000
