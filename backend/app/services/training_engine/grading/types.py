"""An answer to a drill, and what was made of it."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.services.hybrid_analyzer import Finding, LanguageAnalysis
from app.services.pronunciation_engine import Delivery
from app.services.pronunciation_engine.learned import ReadingResult
from app.services.speech import SpokenTurn
from app.services.training_engine.memory import Grade

Reason = Literal[
    "right",
    "right_but_slow",
    "right_untimed",
    "self_corrected",
    "right_with_other_mistakes",
    "target_wrong",
    "target_and_more_wrong",
    "target_not_used",
    "too_short",
    "little_linked",
    "repeated_words",
    "slower_than_usual",
    "words_unclear",
    "gave_up",
    "graded_by_learner",
]
"""Why an answer got its grade."""

Refusal = Literal[
    "answer_empty",
    "answer_not_heard",
    "answer_unclear",
    "answer_of_another_task",
    "voice_required",
    "recording_too_long",
    "text_not_scorable",
]


class AnswerRefused(Exception):
    """The answer cannot be judged and counts for nothing; `code` says why, the message what to do."""

    def __init__(self, code: Refusal, message: str) -> None:
        super().__init__(message)
        self.code = code


class ListeningUnavailable(Exception):
    """The models that a spoken answer needs are not there; nothing was booked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the learner gave: sound (16 kHz mono PCM16), or text with the time it took, where it is known."""

    text: str = ""
    pcm: bytes = field(default=b"", repr=False)
    elapsed_ms: int | None = None

    @property
    def spoken(self) -> bool:
        """Whether it is sound."""
        return bool(self.pcm)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as the exam's own analyzer and engine read it."""

    speech: SpokenTurn
    language: LanguageAnalysis
    delivery: Delivery


class Listener(Protocol):
    """The exam's own analyzer and engines. Raises ListeningUnavailable where a model is not there."""

    async def hear(self, pcm: bytes) -> SpokenTurn:
        """Return what is said in the recording, which begins at 0 ms."""
        ...

    async def read_aloud(self, pcm: bytes, text: str) -> ReadingResult:
        """Return how the words and phones of a known text were said."""
        ...

    async def analyse(self, speech: SpokenTurn, pcm: bytes) -> Heard:
        """Return the analysis of what was said; `pcm` is empty for a written answer."""
        ...


@dataclass(frozen=True, slots=True)
class WordFeedback:
    """A word of a known text: its score (0-100), and the sounds that were heard as others."""

    word: str
    accuracy_score: float
    error_type: str
    sounds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judged answer.

    The target was called for `required` times and right `correct` times. `text` is what was understood,
    `better` a right answer, `findings` what else the analyzer would correct. `pace_ms` is the time a word
    took, None where it says nothing. `not_judged` names what no model here can judge.
    """

    grade: Grade
    reason: Reason
    required: int
    correct: int
    text: str
    better: str = ""
    pace_ms: int | None = None
    findings: tuple[Finding, ...] = ()
    words: tuple[WordFeedback, ...] = ()
    not_judged: tuple[str, ...] = ()
