"""Analysing answers in a process of their own, which is there only while there is something to analyse.

The models take half a gigabyte; a process that has no other use for them stays small, gets its memory back
when the talk is over, and its event loop shares no interpreter with them.
"""

import itertools
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis
from app.services.pronunciation_engine.learned import ReadingResult, SpeechResult, Steps
from app.services.speech import ModelNotReady

BACKEND = Path(__file__).resolve().parents[2]
MODULE = "app.analysis_child"
REST_S = 300.0
"""The process ends when nobody asked it for that long; the next answer starts it again, in 4 s."""
CALL_S = 180.0
"""No call takes that long, models loaded on the way; a process that does is ended."""
STOP_S = 5.0

log = structlog.get_logger(__name__)


class AnalysisProcessLost(ModelNotReady):
    """The process ended in the middle of a call; the next call starts another one."""


class AnalysisProcess:
    """Implements AnswerAnalyzer, SpeechAssessor and TextReader. Blocks.

    Safe to call from several threads, whose calls take turns.
    """

    def __init__(self, *arguments: str, rest_s: float = REST_S, call_s: float = CALL_S) -> None:
        """`arguments` are those of `app.analysis_child`; nothing is started yet."""
        self._arguments = arguments
        self._rest_s = rest_s
        self._call_s = call_s
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._resting: threading.Timer | None = None
        self._confusions: Mapping[tuple[str, str], float] | None = None
        self._numbers = itertools.count()

    @property
    def pid(self) -> int | None:
        """The number of the process, None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        """How often a well-said phone (first) looks like another (second) that was not said, 0-1."""
        if self._confusions is None:
            self._confusions = self._call("confusions")
        return self._confusions

    def analyze(self, turn: LearnerTurn, pcm: bytes) -> TurnAnalysis:
        """Analyse one answer, as TurnAnalyzer does. Raises AnalysisProcessLost."""
        analysis: TurnAnalysis = self._call("analyze", turn, pcm)
        return analysis

    def vote_again(self, answers: Sequence[tuple[LearnerTurn, TurnAnalysis]]) -> tuple[TurnAnalysis, ...]:
        """Look at analysed answers once more, as TurnAnalyzer does. Raises AnalysisProcessLost."""
        voted: tuple[TurnAnalysis, ...] = self._call("vote_again", tuple(answers))
        return voted

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        """Score free speech, as PronunciationAssessor does. Raises AnalysisProcessLost."""
        result: SpeechResult = self._call("assess_speech", pcm, start_ms, budget_s)
        return result

    def listen(self, pcm: bytes, *, start_ms: int) -> Steps[SpeechResult]:
        """Score all of it step by step. Raises AnalysisProcessLost, ModelNotReady without the models.

        One answer is listened to at a time: another one that is begun meanwhile takes its place.
        """
        number = next(self._numbers)
        self._call("begin_listening", number, pcm, start_ms)
        while True:
            yield
            found: SpeechResult | None = self._call("go_on_listening", number)
            if found is not None:
                return found

    def assess_text(self, pcm: bytes, text: str) -> ReadingResult:
        """Score a text read aloud. Raises AnalysisProcessLost, ModelNotReady, ValueError for no words."""
        result: ReadingResult = self._call("assess_text", pcm, text)
        return result

    def close(self) -> None:
        """End the process, if there is one. Waits for a call that it is at. Idempotent."""
        with self._turn:
            self._end()

    def _call(self, name: str, *arguments: Any) -> Any:
        with self._turn:
            if self._resting is not None:
                self._resting.cancel()
            line = self._started()
            try:
                line.send((name, arguments))
                answered = line.poll(self._call_s)
                well, outcome = line.recv() if answered else (False, None)
            except (EOFError, OSError) as lost:
                self._lose(name, type(lost).__name__)
                raise AnalysisProcessLost("What analyses answers has ended; try again.") from lost
            if not answered:
                self._lose(name, f"it took more than {self._call_s:g} s")
                raise AnalysisProcessLost("What analyses answers does not answer; try again.")
            self._rest_later()
        if isinstance(outcome, Exception) and not well:
            raise outcome
        return outcome

    def _started(self) -> Connection:
        if self._line is not None:
            return self._line
        ours, theirs = socket.socketpair()
        seconds, rest = divmod(self._call_s, 1)  # a process that does not read is one that does not answer
        ours.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(seconds), int(rest * 1e6))
        )
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", MODULE, str(theirs.fileno()), *self._arguments],
                cwd=BACKEND,
                env=os.environ | {"PYTHONPATH": str(BACKEND)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C reaches us alone: what is being analysed ends with us
            )
        self._line = Connection(ours.detach())
        log.info("analysis_process.started", pid=self._process.pid)
        return self._line

    def _rest_later(self) -> None:
        self._resting = threading.Timer(self._rest_s, self._rest)
        self._resting.daemon = True
        self._resting.start()

    def _rest(self) -> None:
        if not self._turn.acquire(blocking=False):
            return  # somebody calls: it is not time to rest
        try:
            self._end()
        finally:
            self._turn.release()

    def _lose(self, call: str, reason: str) -> None:
        log.warning("analysis_process.lost", call=call, reason=reason)
        self._end(kill=True)

    def _end(self, *, kill: bool = False) -> None:
        """Close the line, at which the process ends."""
        if self._resting is not None:
            self._resting.cancel()
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            if not kill:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(STOP_S)
            self._process.kill()
            self._process.wait()
        self._process = self._line = None
