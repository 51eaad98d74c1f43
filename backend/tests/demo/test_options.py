from pathlib import Path

import pytest

from app.services.speech import SpeechSpan
from demo.options import Options, exam_clock, exam_mode, parse
from demo.recordings import Recording


def recording(minutes: float, stretches: int = 1) -> Recording:
    spans = tuple(SpeechSpan(i * 10_000, i * 10_000 + 5_000) for i in range(stretches))
    return Recording("r", bytes(int(minutes * 60_000) * 32), spans)


def test_what_nobody_said_is_left_to_the_demo() -> None:
    assert parse([]) == Options()


def test_everything_can_be_said() -> None:
    said = "--port 0 --json --audio a.wav b.wav --exam-mode full --clock short --seed 7 --data-dir d"
    options = parse(said.split())
    assert options == Options(
        audio=(Path("a.wav"), Path("b.wav")),
        exam_mode="full",
        clock="short",
        seed=7,
        port=0,
        data_dir=Path("d"),
        as_json=True,
    )


@pytest.mark.parametrize("argv", [["--audio"], ["--exam-mode", "long"], ["--clock", "fast"], ["--colour"]])
def test_what_does_not_fit_is_refused_with_status_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(argv)
    assert refused.value.code == 2


@pytest.mark.parametrize(
    ("recordings", "mode"),
    [
        ([], "quick"),
        ([recording(0.5)] * 7, "quick"),
        ([recording(0.5)] * 8, "full"),
        ([recording(5)], "quick"),
        ([recording(6)], "full"),
        ([recording(2, stretches=12)], "full"),
    ],
)
def test_the_exam_is_long_enough_for_the_recordings(recordings: list[Recording], mode: str) -> None:
    assert exam_mode(Options(), recordings) == mode


def test_the_users_word_counts_more() -> None:
    assert exam_mode(Options(exam_mode="part1"), [recording(9)]) == "part1"
    assert exam_clock(Options(clock="standard")) == "standard"


def test_recordings_are_not_cut_by_a_short_clock() -> None:
    assert exam_clock(Options()) == "short"
    assert exam_clock(Options(audio=(Path("a.wav"),))) == "standard"
