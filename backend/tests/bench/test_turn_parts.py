"""The wait after an answer, taken apart."""

from app.api.websocket.protocol import AiReply, SttFinal, TurnState
from bench.parts.turn_parts import TurnWatch

THINKING = TurnState(state="thinking")
FINAL = SttFinal(utterance_id="u", text="Yes.", start_ms=0, end_ms=1, words=[])
REPLY = AiReply(
    utterance_id="l",
    text="Why?",
    part=1,
    kind="question",
    frame_conformance="verbatim",
    expects_answer=True,
    start_ms=0,
)


def watched() -> TurnWatch:
    watch = TurnWatch()
    watch.watched = True
    watch.speech_began(10.0)
    watch.speech_paused(14.0)
    return watch


def test_the_parts_follow_one_another_and_make_up_the_whole() -> None:
    watch = watched()
    watch.event_came(THINKING, 15.25)
    watch.event_came(FINAL, 15.5)
    watch.event_came(FINAL, 15.75)
    watch.event_came(REPLY, 16.0)
    watch.voice_came(16.5)
    report = watch.parts()
    assert (report["n"], report["cut_off"]) == (1, 0)
    assert report["end_of_turn_ms"] == {"p50": 1_250, "p95": 1_250}
    assert report["final_ms"]["p50"] == 500
    assert report["reply_ms"]["p50"] == 250
    assert report["first_voice_ms"]["p50"] == 500
    assert report["total_ms"]["p50"] == 2_500


def test_a_transcript_that_was_there_before_costs_nothing() -> None:
    watch = watched()
    watch.event_came(FINAL, 14.5)
    watch.event_came(THINKING, 15.0)
    watch.event_came(REPLY, 15.5)
    watch.voice_came(15.5)
    assert watch.parts()["final_ms"]["p50"] == 0
    assert watch.parts()["total_ms"]["p50"] == 1_500


def test_a_pause_that_ended_nothing_is_not_the_end() -> None:
    watch = watched()
    watch.event_came(THINKING, 15.0)
    watch.speech_began(15.5)
    watch.speech_paused(18.0)
    watch.event_came(THINKING, 19.0)
    watch.event_came(REPLY, 19.5)
    watch.voice_came(19.5)
    assert watch.parts()["end_of_turn_ms"]["p50"] == 1_000


def test_an_answer_that_was_not_heard_out_is_told_apart() -> None:
    watch = watched()
    watch.speech_began(14.5)
    watch.event_came(THINKING, 15.0)
    watch.event_came(REPLY, 15.5)
    watch.voice_came(15.5)
    report = watch.parts()
    assert (report["n"], report["cut_off"], report["total_ms"]["p50"]) == (0, 1, None)


def test_what_is_not_watched_does_not_count() -> None:
    watch = watched()
    watch.watched = False
    watch.event_came(THINKING, 15.0)
    watch.event_came(REPLY, 15.5)
    watch.voice_came(15.5)
    assert watch.parts()["n"] == 0
