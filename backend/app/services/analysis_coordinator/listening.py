"""How answers sounded, listened to during the talk: one at a time, while nothing more urgent computes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import structlog

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.pronunciation_scores import SpeechAssessor
from app.services.pronunciation_engine.learned import SpeechResult, next_step
from app.services.speech import EngineBusy

T = TypeVar("T")

WAITING_MS = 240_000
"""Speech that may wait to be listened to, or be listened to, in one process. Four minutes are an exam's two
longest answers and more; what comes on top is left to the deep analysis."""

Sound = Callable[[int, int], Awaitable[bytes]]
"""Reads a stretch of a session's stored signal, in session milliseconds, as 16 kHz mono PCM16."""

log = structlog.get_logger()


class RunIdle(Protocol):
    """Computes a step on a thread, when nothing else has to be computed."""

    async def __call__(self, step: Callable[[], T]) -> T:
        """Return what the step returns. Raises EngineBusy where there is no room for it."""
        ...


class Listener:
    """Listens to the answers of all sessions of a process, in the order they came.

    `assessor` waits for what scores pronunciation, None where it cannot be had. Nothing is ever owed: an
    answer that is not listened to here is listened to by the deep analysis.
    """

    def __init__(
        self,
        assessor: Callable[[], Awaitable[SpeechAssessor | None]],
        run: RunIdle,
        *,
        waiting_ms: int = WAITING_MS,
    ) -> None:
        self._assessor = assessor
        self._run = run
        self._limit_ms = waiting_ms
        self._waiting_ms = 0
        self._turn = asyncio.Lock()

    async def listen(self, answer: LearnerTurn, sound: Sound) -> SpeechResult | None:
        """Return how the answer sounded, None where there is no time for it or it does not count.

        May take minutes; cancel it when nobody needs the result any more. Raises what `sound` raises.
        """
        start_ms, end_ms = answer.speech.start_ms, answer.speech.end_ms
        length_ms = end_ms - start_ms
        if not answer.rated or length_ms <= 0:
            return None
        if self._waiting_ms + length_ms > self._limit_ms:
            log.info("answer.not_listened_to", turn_id=answer.turn_id, waiting_ms=self._waiting_ms)
            return None
        self._waiting_ms += length_ms
        try:
            async with self._turn:
                return await self._listen(await sound(start_ms, end_ms), start_ms)
        except EngineBusy as busy:
            log.info("answer.not_listened_to", turn_id=answer.turn_id, reason=str(busy))
            return None
        finally:
            self._waiting_ms -= length_ms

    async def _listen(self, pcm: bytes, start_ms: int) -> SpeechResult | None:
        assessor = await self._assessor()
        if assessor is None:
            return None
        steps = assessor.listen(pcm, start_ms=start_ms)
        while (found := await self._run(lambda: next_step(steps))) is None:
            pass
        return found
