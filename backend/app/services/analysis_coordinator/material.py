"""What an analysis works on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.services.analysis_store import EarlierAnalysis
from app.services.conversation import Focus
from app.services.speech import SpokenTurn


@dataclass(frozen=True, slots=True)
class LearnerTurn:
    """One answer of the learner with the question it answers.

    `kind` is the question's kind in the script (`question`, `card`, ...); greetings are not rated content.
    """

    turn_id: str
    index: int
    part: int
    question_id: str | None
    question: str
    speech: SpokenTurn
    kind: str = "question"

    @property
    def rated(self) -> bool:
        """Whether the answer counts towards the bands: names and the identity check do not."""
        return self.kind != "greeting"


@dataclass(frozen=True, slots=True)
class SessionMaterial:
    """A finished session: its learner turns in order, and a reader for its sound.

    `audio(start_ms, end_ms)` returns 16 kHz mono PCM16 of that stretch of the microphone signal.
    `rules_off` are the rules that have switched themselves off: they are not heard, the result names them.
    `earlier` are the learner's finished analyses, newest first; `focus` are the rules in training that its
    topics were chosen for.
    """

    session_id: str
    mode: str
    clock: str
    turns: Sequence[LearnerTurn]
    audio: Callable[[int, int], bytes]
    rules_off: frozenset[str] = frozenset()
    earlier: Sequence[EarlierAnalysis] = ()
    focus: Sequence[Focus] = ()
