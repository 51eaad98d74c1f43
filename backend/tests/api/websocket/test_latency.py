"""What the wait for the examiner was made of."""

from app.api.websocket.conditions import Conditions
from app.api.websocket.latency import LatencyWatch, TurnLatency


def test_a_wait_is_measured_from_the_last_speech_to_the_first_sound() -> None:
    watch = LatencyWatch()
    watch.answer_ended(1, spoke_until_ms=1_000, now_ms=2_200)
    assert watch.replied(2_210, said_at_ms=2_205) is None
    watch.transcribed(2_300)
    waited = watch.replied(2_350, said_at_ms=2_310)
    assert waited == TurnLatency(1, silence_ms=1_200, transcript_ms=100, reply_ms=50, voice_ms=40)
    assert watch.replied(2_400, said_at_ms=2_310) is None


def test_a_wait_that_was_cut_short_does_not_count() -> None:
    watch = LatencyWatch()
    watch.answer_ended(1, spoke_until_ms=1_000, now_ms=2_200)
    watch.forget()
    watch.transcribed(2_300)
    assert watch.replied(2_350, said_at_ms=2_310) is None


def test_conditions_name_percentiles_only_where_something_was_measured() -> None:
    conditions = Conditions()
    assert conditions.to_json(untranscribed=0)["turn_latency_ms"] == {"p50": None, "p95": None}
    conditions.latencies = [TurnLatency(1, 1_000 + n, 100, 10) for n in range(100)]
    measured = conditions.to_json(untranscribed=2)
    assert measured["turn_latency_ms"] == {"p50": 1_159, "p95": 1_204}
    assert measured["turn_computing_ms"] == {"p50": 110, "p95": 110}
    assert measured["untranscribed_answers"] == 2
