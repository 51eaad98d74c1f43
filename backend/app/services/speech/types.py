"""Plain data about sound and what was heard in it.

Times are integer milliseconds from the session's first microphone sample unless a name says otherwise.
"""

from dataclasses import dataclass, field

SAMPLE_RATE = 16_000
"""Samples per second of every microphone signal inside the product (16-bit mono PCM, little endian)."""

BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
"""Bytes in one millisecond of microphone audio."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; `probability` (0-1) is the recogniser's own."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class Partial:
    """A provisional transcript of the utterance being spoken; a higher `revision` replaces a lower one."""

    utterance_index: int
    revision: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech with its final transcript.

    `mean_logprob` is the recogniser's mean token log-probability (<= 0; nearer 0 is surer). `text` is empty
    when nothing intelligible was said.
    """

    index: int
    text: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...] = ()
    mean_logprob: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeechSpan:
    """A stretch in which voice activity was detected, `start_ms` inclusive to `end_ms` exclusive."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """Everything heard between the examiner's question and the end of the learner's answer."""

    start_ms: int
    end_ms: int
    utterances: tuple[Utterance, ...] = ()
    spans: tuple[SpeechSpan, ...] = field(default=())

    @property
    def text(self) -> str:
        """The final transcripts of all utterances, joined by single spaces."""
        return " ".join(u.text for u in self.utterances if u.text)

    @property
    def words(self) -> tuple[Word, ...]:
        """All recognised words in order."""
        return tuple(w for u in self.utterances for w in u.words)

    @property
    def speech_ms(self) -> int:
        """Milliseconds in which the learner was heard speaking."""
        return sum(s.end_ms - s.start_ms for s in self.spans)
