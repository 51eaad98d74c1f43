"""What drills are heard with: the recogniser, analyzer and pronunciation models of the process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from app.services.analysis_coordinator import AnswerAnalyzer, LearnerTurn
from app.services.pronunciation_engine.learned import ReadingResult
from app.services.speech import (
    BYTES_PER_MS,
    Segmenter,
    SpeechError,
    SpeechSpan,
    SpeechToText,
    SpokenTurn,
    VoiceActivity,
    transcribe,
)
from app.services.training_engine.grading import AnswerRefused, Heard, ListeningUnavailable

T = TypeVar("T")


@runtime_checkable
class TextReader(Protocol):
    """Scores a known text."""

    def assess_text(self, pcm: bytes, text: str) -> ReadingResult:
        """Score `text` said aloud in 16 kHz mono PCM16. Blocks. Raises ValueError for no words."""
        ...


class RunBlocking(Protocol):
    """Runs what computes off the event loop."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. May raise SpeechError when there is too much to do."""
        ...


@dataclass(frozen=True, slots=True)
class DrillModels:
    """The models. `analyzer` and `reader` wait until they are loaded; known texts need a reader."""

    recogniser: SpeechToText
    voice_activity: VoiceActivity
    run: RunBlocking
    analyzer: Callable[[], Awaitable[AnswerAnalyzer]]
    reader: Callable[[], Awaitable[TextReader | None]]


class ModelListener:
    """Listener over the process's models, which `models` names once they exist."""

    def __init__(self, models: Callable[[], DrillModels | None]) -> None:
        self._models = models

    async def hear(self, pcm: bytes) -> SpokenTurn:
        """Return what is said in the recording. Raises ListeningUnavailable."""
        models = self._ready()
        length_ms = len(pcm) // BYTES_PER_MS
        try:
            spans = await models.run(partial(_spans, models.voice_activity, pcm, length_ms))
            utterances = await transcribe(models.recogniser, pcm, 0, spans) if spans else ()
        except SpeechError as failure:
            raise ListeningUnavailable(str(failure)) from failure
        return SpokenTurn(0, length_ms, utterances, spans)

    async def read_aloud(self, pcm: bytes, text: str) -> ReadingResult:
        """Return how the words and phones of a known text were said.

        Raises ListeningUnavailable, AnswerRefused for a text with words that no dictionary knows.
        """
        models = self._ready()
        reader = await models.reader()
        if reader is None:
            raise ListeningUnavailable("The pronunciation models are not there.")
        try:
            return await models.run(partial(reader.assess_text, pcm, text))
        except SpeechError as failure:
            raise ListeningUnavailable(str(failure)) from failure
        except ValueError as unknown:
            raise AnswerRefused(
                "text_not_scorable",
                "This text has words that cannot be scored; ask for the task as another type of drill.",
            ) from unknown

    async def analyse(self, speech: SpokenTurn, pcm: bytes) -> Heard:
        """Return the analysis of what was said. Raises ListeningUnavailable."""
        models = self._ready()
        analyzer = await models.analyzer()
        turn = LearnerTurn("drill", 0, 1, None, "", speech)
        try:
            analysis = await models.run(partial(analyzer.analyze, turn, pcm))
        except SpeechError as failure:
            raise ListeningUnavailable(str(failure)) from failure
        return Heard(speech, analysis.language, analysis.delivery)

    def _ready(self) -> DrillModels:
        models = self._models()
        if models is None:
            raise ListeningUnavailable("The models are not loaded yet.")
        return models


def _spans(activity: VoiceActivity, pcm: bytes, length_ms: int) -> tuple[SpeechSpan, ...]:
    segmenter = Segmenter()
    segmenter.feed(activity.open().feed(pcm))
    return segmenter.spans(0, length_ms)
