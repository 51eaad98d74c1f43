"""Where the learner's ear is."""

import pytest

from app.api.websocket.playback import HEARD_MARGIN_MS, MARK_PATIENCE_MS, Playback
from app.api.websocket.sound import Sound
from app.services.conversation import Line

LINE = Line("line-1", "Where do you live now?", 1, "question", "verbatim", expects_answer=True)


def line(duration_ms: int = 3_000, *, complete: bool = True, failed: bool = False) -> Playback:
    sound = Sound(LINE.text, 16_000)
    sound.grow(bytes(duration_ms * 32))
    if complete:
        sound.close(failed=failed)
    return Playback(LINE, "u", 1, 0, sound)


def sent(playback: Playback, *, at_ms: int = 1_000) -> Playback:
    playback.shown(at_ms)
    playback.sent(playback.duration_ms, at_ms)
    return playback


def test_without_marks_the_line_is_heard_when_its_time_is_over() -> None:
    playback = sent(line())
    assert playback.heard_at_ms() == 1_000 + 3_000 + HEARD_MARGIN_MS
    assert [playback.played_ms(t) for t in (1_000, 2_500, 9_000)] == [0, 1_500, 3_000]


def test_nothing_is_known_before_anything_was_sent() -> None:
    playback = line()
    assert playback.heard_at_ms() is None
    assert playback.played_ms(5_000) == 0
    playback.shown(1_000)
    playback.sent(1_000, 1_000)
    assert playback.heard_at_ms() is None


def test_a_voice_still_being_spoken_has_no_end_yet() -> None:
    assert sent(line(complete=False)).heard_at_ms() is None


def test_marks_correct_the_clock_and_done_is_the_end() -> None:
    playback = sent(line())
    playback.mark(500, 2_500, done=False)
    assert playback.played_ms(2_600) == 600
    assert playback.heard_at_ms() == 2_500 + 2_500 + MARK_PATIENCE_MS
    assert not playback.heard
    playback.mark(3_000, 5_200, done=True)
    assert playback.heard


@pytest.mark.parametrize("played_ms", [0, 2**32 - 1])
def test_impossible_marks_are_trimmed(played_ms: int) -> None:
    playback = sent(line())
    playback.mark(1_000, 2_000, done=False)
    playback.mark(played_ms, 2_000, done=False)
    assert playback.played_ms(2_000) in (1_000, 3_000)


def test_a_line_without_a_voice_can_be_read() -> None:
    playback = line(0, failed=True)
    playback.shown(1_000)
    assert not playback.voiced
    assert playback.reached
    assert playback.heard_at_ms() == 1_000 + 1_500
    assert line(500, failed=True).voiced


def test_a_line_whose_voice_broke_off_leaves_time_to_read_the_rest() -> None:
    playback = sent(line(100, failed=True))
    assert playback.heard_at_ms() == 1_000 + 1_500


def test_while_nobody_is_there_nothing_is_heard_and_it_goes_on_from_there() -> None:
    playback = sent(line())
    playback.pause(2_000)
    assert playback.heard_at_ms() is None
    assert playback.played_ms(60_000) == 1_000
    playback.resume()
    assert playback.heard_at_ms() is None
    playback.shown(61_000)
    playback.sent(3_000, 61_000)
    assert playback.heard_at_ms() == 61_000 + 2_000 + HEARD_MARGIN_MS


def test_who_comes_back_after_the_last_sound_does_not_wait_for_more() -> None:
    playback = sent(line())
    playback.pause(9_000)
    playback.resume()
    playback.shown(20_000)
    assert playback.heard_at_ms() == 20_000 + HEARD_MARGIN_MS


def test_when_a_position_is_reached() -> None:
    playback = line()
    assert playback.reaches_ms(1_000) is None
    sent(playback)
    assert playback.reaches_ms(1_000) == 2_000
    assert playback.reaches_ms(-500) == 1_000
