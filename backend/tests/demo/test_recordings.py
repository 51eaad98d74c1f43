"""Recordings made here by the learner's voice, written and read as real files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.adapters.sample_voice import LearnerVoice
from app.services.sample_learner import Breath, SampleQuestion
from app.services.speech import SAMPLE_RATE, SpeechSpan
from demo.recordings import LEAD_MS, RecordedLearner, Recording, RecordingInvalid, load, resume_point

QUESTION = SampleQuestion("What do you do?", 1)
SPANS = (SpeechSpan(500, 3_000), SpeechSpan(5_000, 12_000))


@pytest.fixture(scope="module")
def spoken() -> np.ndarray:
    breaths = [Breath("I live in a small flat near the park.", 800), Breath("I like it very much.")]
    speech = LearnerVoice().speak(breaths, seed=1, lead_ms=500)
    return np.frombuffer(speech.pcm + bytes(SAMPLE_RATE * 2), "<i2").astype(np.float32) / 32768


def recording(name: str = "a", ms: int = 13_000, spans: tuple[SpeechSpan, ...] = SPANS) -> Recording:
    return Recording(name, bytes(ms * 32), spans)


# --- reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "rate"), [("wav", 16_000), ("flac", 44_100), ("ogg", 48_000), ("mp3", 22_050)]
)
def test_it_reads_what_soundfile_reads(tmp_path: Path, spoken: np.ndarray, suffix: str, rate: int) -> None:
    import soxr

    path = tmp_path / f"answer.{suffix}"
    both = np.stack([soxr.resample(spoken, SAMPLE_RATE, rate)] * 2, axis=1)
    soundfile.write(path, both, rate)
    heard = load(path)
    assert heard.duration_ms == pytest.approx(len(spoken) / 16, abs=60)
    assert len(heard.spans) == 2
    assert heard.spans[0].start_ms == pytest.approx(500, abs=100)
    assert heard.end_ms == pytest.approx(len(spoken) / 16 - 1_000, abs=150)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match="no such file"):
        load(tmp_path / "missing.wav")


def test_a_file_that_is_not_audio(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("These are my notes.")
    with pytest.raises(RecordingInvalid, match="not a recording that can be read"):
        load(path)


def test_an_empty_recording(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0, np.float32), 16_000)
    with pytest.raises(RecordingInvalid, match="empty"):
        load(path)


def test_samples_that_are_not_numbers(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    soundfile.write(path, np.full(1_600, np.nan, np.float32), 16_000, subtype="FLOAT")
    with pytest.raises(RecordingInvalid, match="not numbers"):
        load(path)


def test_a_recording_too_long_to_sit_through(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, np.zeros(21 * 60 * 1_000, np.int16), 1_000)
    with pytest.raises(RecordingInvalid, match="longer than 20 minutes"):
        load(path)


def test_silence_has_no_speech(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(32_000, np.float32), 16_000)
    assert load(path).spans == ()


def test_stretches_are_parted_by_silences_that_may_end_a_turn() -> None:
    assert recording().stretches == 2
    assert recording(spans=(SpeechSpan(0, 1_000), SpeechSpan(2_000, 3_000))).stretches == 1
    assert recording(spans=()).stretches == 1


# --- speaking ---------------------------------------------------------------------------------------------


def test_each_question_gets_the_next_recording() -> None:
    learner = RecordedLearner([recording("a"), recording("b")])
    first = learner.answer(QUESTION)
    assert first is not None
    assert first.speech.duration_ms == LEAD_MS + 13_000
    assert first.speech.spoken == tuple(
        ((LEAD_MS + s.start_ms) * 16, (LEAD_MS + s.end_ms) * 16) for s in SPANS
    )
    learner.turn_taken(LEAD_MS + 13_200)
    assert learner.left_ms == 13_000
    assert learner.answer(QUESTION) is not None
    learner.turn_taken(LEAD_MS + 13_200)
    assert learner.answer(QUESTION) is None
    assert learner.left_ms == 0


def test_what_was_not_heard_answers_the_next_question() -> None:
    learner = RecordedLearner([recording()])
    learner.answer(QUESTION)
    learner.turn_taken(LEAD_MS + 4_400)
    assert learner.left_ms == 13_000 - 4_800
    rest = learner.answer(QUESTION)
    assert rest is not None
    assert rest.speech.duration_ms == LEAD_MS + 13_000 - 4_800
    learner.turn_taken(rest.speech.duration_ms)
    assert learner.answer(QUESTION) is None


def test_an_answer_never_spoken_is_given_again() -> None:
    learner = RecordedLearner([recording()])
    assert learner.answer(QUESTION) == learner.answer(QUESTION)


def test_the_name_is_passed_over_and_costs_no_recording() -> None:
    learner = RecordedLearner([recording()])
    passed = learner.answer(SampleQuestion("Could you tell me your full name, please?", None))
    assert passed is not None
    assert passed.speech.spoken == ()
    assert 0 < passed.speech.duration_ms < 1_000
    assert passed.says_so
    learner.turn_taken(1_000)
    assert learner.left_ms == 13_000


def test_in_the_long_turn_the_end_is_declared() -> None:
    answer = RecordedLearner([recording()]).answer(SampleQuestion("Describe", 2, talk=True))
    assert answer is not None
    assert answer.says_so


def test_a_silent_recording_is_played_and_left() -> None:
    learner = RecordedLearner([recording(spans=())])
    answer = learner.answer(QUESTION)
    assert answer is not None
    assert answer.speech.spoken == ()
    learner.turn_taken(8_000)
    assert learner.answer(QUESTION) is None


@pytest.mark.parametrize(
    ("reached_ms", "resume_ms"),
    [
        (4_000, 4_800),  # in the silence: just before the next phrase
        (5_300, 4_800),  # a little into a phrase: from its beginning
        (9_000, 8_500),  # long into a phrase: a moment back
        (0, 300),  # nothing heard
        (12_500, 12_500),  # past everything
    ],
)
def test_where_to_go_on(reached_ms: int, resume_ms: int) -> None:
    assert resume_point(SPANS, reached_ms) == resume_ms
