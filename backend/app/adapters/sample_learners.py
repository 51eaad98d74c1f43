"""Sample learners with a voice, one for each session that is watched."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from app.adapters.sample_voice import LearnerVoice
from app.services.sample_learner import SampleQuestion, SynthesisedLearner

KEPT = 16


class SynthesisedLearners:
    """SampleLearners who compose answers from phrases and speak them.

    Nothing is loaded before the first question. One answer is made at a time. `kept` learners remember what
    they have said; one who is forgotten begins anew, as the same person.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._at_most = kept
        self._kept: OrderedDict[UUID, SynthesisedLearner] = OrderedDict()
        self._voice: LearnerVoice | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sample")

    async def answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        """Return what the session's learner says, as 16 kHz mono PCM16."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._answer, session_id, question)

    def _answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        return self._learner(session_id).answer(question).speech.pcm

    def _learner(self, session_id: UUID) -> SynthesisedLearner:
        self._voice = self._voice or LearnerVoice()
        learner = self._kept.pop(session_id, None) or SynthesisedLearner(session_id.int % 2**31, self._voice)
        self._kept[session_id] = learner
        if len(self._kept) > self._at_most:
            self._kept.popitem(last=False)
        return learner
