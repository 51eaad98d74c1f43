from client import Mark, VirtualPlayer

RATE = 24_000


def voice(ms: int) -> bytes:
    return bytes(ms * RATE // 1000 * 2)


def test_the_position_moves_with_the_clock_from_the_first_frame_on() -> None:
    player = VirtualPlayer()
    player.begin("u1", 1, RATE)
    assert player.advance(5.0) == []
    assert player.feed(1, voice(2_000), 10.0)
    assert player.advance(10.4) == []
    assert player.advance(10.6) == [Mark("u1", 600)]


def test_done_comes_when_all_was_received_and_heard() -> None:
    player = VirtualPlayer()
    player.begin("u1", 1, RATE)
    player.feed(1, voice(300), 0.0)
    assert player.advance(1.0) == []
    player.end("u1")
    assert player.advance(1.04) == [Mark("u1", 300, done=True)]
    assert player.playing is None


def test_done_waits_for_the_ear_not_for_the_network() -> None:
    player = VirtualPlayer(mark_every_ms=10_000)
    player.begin("u1", 1, RATE)
    player.feed(1, voice(1_000), 0.0)
    player.end("u1")
    assert player.advance(0.96) == []
    assert player.advance(1.0) == [Mark("u1", 1_000, done=True)]


def test_when_sound_runs_out_the_position_stands_still() -> None:
    player = VirtualPlayer(mark_every_ms=10_000)
    player.begin("u1", 1, RATE)
    player.feed(1, voice(100), 0.0)
    player.advance(3.0)
    assert not player.feed(1, voice(400), 3.0)
    player.end("u1")
    assert player.advance(3.36) == []
    assert player.advance(3.4) == [Mark("u1", 500, done=True)]


def test_utterances_are_played_one_after_the_other() -> None:
    player = VirtualPlayer()
    for number, name in enumerate(("u1", "u2"), start=1):
        player.begin(name, number, RATE)
        player.feed(number, voice(200), 0.0)
        player.end(name)
    assert player.advance(0.2) == [Mark("u1", 200, done=True)]
    assert player.playing == "u2"
    assert player.advance(0.39) == []
    assert player.advance(0.4) == [Mark("u2", 200, done=True)]


def test_an_utterance_without_sound_is_done_at_once() -> None:
    player = VirtualPlayer()
    player.begin("u1", 1, RATE)
    player.end("u1")
    assert player.advance(0.0) == [Mark("u1", 0, done=True)]


def test_a_cleared_utterance_reports_what_was_heard_and_takes_no_more() -> None:
    player = VirtualPlayer()
    player.begin("u1", 1, RATE)
    player.feed(1, voice(1_000), 0.0)
    assert player.clear("u1", 0.25) == Mark("u1", 250)
    assert not player.feed(1, voice(1_000), 0.3)
    assert player.clear("u1", 0.3) is None
    assert player.playing is None


def test_the_voice_is_kept_within_bounds() -> None:
    player = VirtualPlayer(keep_bytes=len(voice(300)))
    for number in (1, 2, 3):
        player.begin(f"u{number}", number, RATE)
        player.feed(number, voice(150), 0.0)
    assert player.heard("u1") == b""
    assert player.heard("u2") == player.heard("u3") == voice(150)
