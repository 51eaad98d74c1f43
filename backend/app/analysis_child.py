"""The process that analyses answers for another one: `python -m app.analysis_child DESCRIPTOR MODELS_DIR
WHISPER_MODEL LOG_LEVEL LOG_FORMAT`, where DESCRIPTOR is one end of a socket.

It answers calls (name, arguments) with (True, result) or (False, exception), one after the other, and ends
when the other end is closed, however that came about.
"""

import gc
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

from app.analysis_models import load_assessor, load_turn_analyzer
from app.log import configure_logging
from app.memory import give_back, share_heaps
from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis, TurnAnalyzer
from app.services.pronunciation_engine.learned import (
    PronunciationAssessor,
    ReadingResult,
    SpeechResult,
    Steps,
    next_step,
)
from app.services.speech import ModelNotReady

log = structlog.get_logger(__name__)


class Calls:
    """What may be called. Each set of models is loaded by the first call that needs it."""

    def __init__(self, models_dir: Path, whisper_model: str) -> None:
        self._models_dir = models_dir
        self._whisper_model = whisper_model
        self._listening: tuple[int, Steps[SpeechResult]] | None = None

    def analyze(self, turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
        """Analyse an answer."""
        return self._analyzer.analyze(turn, pcm)

    def vote_again(self, answers: Sequence[tuple[LearnerTurn, TurnAnalysis]]) -> tuple[TurnAnalysis, ...]:
        """Look at analysed answers once more, and give back what that took."""
        voted = self._analyzer.vote_again(answers)
        give_back()
        return voted

    def confusions(self) -> Mapping[tuple[str, str], float]:
        """Return how phones are confused; nothing where the models cannot be loaded."""
        return {} if self._assessor is None else dict(self._assessor.confusions)

    def assess_speech(self, pcm: bytes, start_ms: int, budget_s: float) -> SpeechResult:
        """Score free speech, or say that the scores are unavailable."""
        if self._assessor is None:
            return SpeechResult("none", "unavailable")
        return self._assessor.assess_speech(pcm, start_ms=start_ms, budget_s=budget_s)

    def begin_listening(self, number: int, pcm: bytes, start_ms: int) -> None:
        """Begin to score an answer in steps; one that is under way is given up. Raises ModelNotReady."""
        self._listening = number, self._ears().listen(pcm, start_ms=start_ms)

    def go_on_listening(self, number: int) -> SpeechResult | None:
        """Compute a step; return the score after the last one. Raises ModelNotReady once it was given up."""
        if self._listening is None or self._listening[0] != number:
            raise ModelNotReady("This answer is no longer listened to.")
        found = next_step(self._listening[1])
        if found is not None:
            self._listening = None
            give_back()
        return found

    def assess_text(self, pcm: bytes, text: str) -> ReadingResult:
        """Score a text read aloud. Raises ModelNotReady, ValueError."""
        return self._ears().assess_text(pcm, text)

    @cached_property
    def _analyzer(self) -> TurnAnalyzer:
        loaded = load_turn_analyzer()
        gc.freeze()
        return loaded

    @cached_property
    def _assessor(self) -> PronunciationAssessor | None:
        loaded = load_assessor(self._models_dir, self._whisper_model)
        gc.freeze()
        return loaded

    def _ears(self) -> PronunciationAssessor:
        if self._assessor is None:
            raise ModelNotReady("The pronunciation models are not there.")
        return self._assessor


def serve(line: Connection, calls: Calls) -> None:
    """Answer calls until the other end is closed."""
    while True:
        try:
            name, arguments = line.recv()
        except (EOFError, OSError):
            return
        try:
            reply = True, getattr(calls, name)(*arguments)
        except (ModelNotReady, ValueError) as told:
            reply = False, told
        except Exception as failure:
            log.exception("analysis.failed", call=name)
            reply = False, failure
        line.send(reply)


def main(argv: Sequence[str]) -> None:
    """Serve on the socket that `argv` names."""
    descriptor, models_dir, whisper_model, level, shape = argv
    share_heaps()
    configure_logging(level, json_lines=shape == "json")
    serve(Connection(int(descriptor)), Calls(Path(models_dir), whisper_model))


if __name__ == "__main__":
    main(sys.argv[1:])
