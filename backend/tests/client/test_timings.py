import pytest

from client import Timings, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7.0], 0.95, 7), ([4, 1, 3, 2], 0.5, 2), (list(range(1, 101)), 0.95, 95)],
)
def test_percentile(values: list[float], share: float, expected: int | None) -> None:
    assert percentile(values, share) == expected


def answered(timings: Timings, *, ended: float | None) -> None:
    timings.speech_began(10.0)
    if ended is not None:
        timings.speech_paused(ended)


def test_latency_runs_from_the_last_sample_of_speech_to_the_first_of_the_voice() -> None:
    timings = Timings()
    answered(timings, ended=12.0)
    timings.voice_came(13.25)
    timings.voice_came(15.0)
    assert timings.turn_latencies_ms == [pytest.approx(1_250)]


def test_a_silence_inside_the_answer_is_not_its_end() -> None:
    timings = Timings()
    answered(timings, ended=11.0)
    timings.speech_began(12.0)
    timings.speech_paused(14.0)
    timings.voice_came(15.0)
    assert timings.turn_latencies_ms == [pytest.approx(1_000)]


def test_an_answer_that_was_cut_does_not_count() -> None:
    timings = Timings()
    answered(timings, ended=None)
    timings.voice_came(13.0)
    assert timings.turn_latencies_ms == []


def test_hushing_after_the_last_word_changes_nothing() -> None:
    timings = Timings()
    answered(timings, ended=12.0)
    timings.answer_cut()
    timings.voice_came(13.0)
    assert timings.turn_latencies_ms == [pytest.approx(1_000)]


def test_an_answer_declared_over_does_not_count() -> None:
    timings = Timings()
    answered(timings, ended=12.0)
    timings.answer_declared_over()
    timings.voice_came(12.1)
    assert timings.report()["turn_latency_ms"] == {"p50": None, "p95": None}


def test_only_the_first_partial_of_an_answer_counts() -> None:
    timings = Timings()
    timings.partial_came(9.0)
    answered(timings, ended=None)
    timings.partial_came(11.0)
    timings.partial_came(12.0)
    assert timings.report()["first_partial_ms"] == 1_000


def test_summary_and_analysis_count_from_the_first_end() -> None:
    timings = Timings()
    timings.summary_came(1.0)
    timings.session_ended(2.0)
    timings.session_ended(4.0)
    timings.summary_came(3.5)
    timings.analysis_came(9.0)
    report = timings.report()
    assert (report["summary_ms"], report["analysis_ms"]) == (1_500, 7_000)
