import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.services.speech import (
    WINDOW_MS,
    Segmenter,
    SegmenterSettings,
    SpeechSpan,
    SpeechStarted,
    SpeechStopped,
)


def windows(*runs: tuple[float, int]) -> list[float]:
    return [probability for probability, count in runs for _ in range(count)]


def test_events_say_where_speech_was_not_when_it_was_noticed() -> None:
    segmenter = Segmenter(start_ms=1_000)
    assert segmenter.feed(windows((0.0, 10), (0.9, 2))) == []
    assert segmenter.feed([0.9]) == [SpeechStarted(1_320)]
    assert segmenter.speaking
    assert segmenter.feed(windows((0.9, 7), (0.1, 4))) == []
    assert segmenter.feed([0.1]) == [SpeechStopped(1_640)]
    assert segmenter.spans() == (SpeechSpan(1_320, 1_640),)


def test_blips_are_not_speech() -> None:
    segmenter = Segmenter()
    assert segmenter.feed(windows((0.9, 2), (0.0, 5), (0.9, 1), (0.4, 1), (0.0, 9))) == []
    assert segmenter.spans() == ()


def test_one_loud_window_among_doubtful_ones_is_not_enough() -> None:
    assert Segmenter().feed(windows((0.9, 1), (0.4, 20))) == []


def test_dips_do_not_stop_speech() -> None:
    segmenter = Segmenter()
    segmenter.feed(windows((0.9, 10), (0.1, 4), (0.9, 1), (0.1, 4), (0.9, 1)))
    assert segmenter.speaking
    assert segmenter.spans() == (SpeechSpan(0, 20 * WINDOW_MS),)


def test_doubtful_windows_neither_start_nor_stop_but_do_not_undo_a_stop() -> None:
    segmenter = Segmenter()
    assert segmenter.feed(windows((0.45, 30))) == []
    assert segmenter.feed(windows((0.9, 5), (0.45, 30))) == [SpeechStarted(30 * WINDOW_MS)]
    assert segmenter.feed(windows((0.2, 1), (0.45, 4))) == [SpeechStopped(65 * WINDOW_MS)]


def test_spans_are_clipped_and_include_what_goes_on() -> None:
    segmenter = Segmenter()
    segmenter.feed(windows((0.9, 10), (0.0, 10), (0.9, 10)))
    assert segmenter.spans() == (SpeechSpan(0, 320), SpeechSpan(640, 960))
    assert segmenter.spans(100, 700) == (SpeechSpan(100, 320), SpeechSpan(640, 700))
    assert segmenter.spans(320, 640) == ()


probabilities = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.34, 0.35, 0.4, 0.49, 0.5, 0.8, 1.0]), st.integers(1, 8)),
    max_size=40,
).map(lambda runs: windows(*runs))


@given(signal=probabilities, cuts=st.lists(st.integers(0, 300), max_size=8), start_ms=st.integers(0, 10_000))
def test_any_chunking_gives_the_same_ordered_disjoint_spans(
    signal: list[float], cuts: list[int], start_ms: int
) -> None:
    whole, pieces = Segmenter(start_ms=start_ms), Segmenter(start_ms=start_ms)
    events = whole.feed(signal)
    edges = [0, *sorted(min(cut, len(signal)) for cut in cuts), len(signal)]
    assert [e for a, b in itertools.pairwise(edges) for e in pieces.feed(signal[a:b])] == events
    assert pieces.spans() == whole.spans()

    bounds = [edge for span in whole.spans() for edge in (span.start_ms, span.end_ms)]
    assert bounds == sorted(set(bounds)), "ordered, disjoint, none empty"
    assert all(start_ms <= edge <= start_ms + len(signal) * WINDOW_MS for edge in bounds)
    assert [type(e) for e in events] == [SpeechStarted, SpeechStopped] * (len(events) // 2) + [
        SpeechStarted
    ] * (len(events) % 2)
    assert [e.at_ms for e in events] == bounds[: len(events)]
    assert whole.speaking == (len(events) % 2 == 1)
    least = SegmenterSettings().min_speech_ms - WINDOW_MS
    assert all(span.end_ms - span.start_ms >= least for span in whole.spans())
