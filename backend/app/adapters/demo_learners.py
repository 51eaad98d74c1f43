"""The demonstration's learner as a sample, one for each session that is watched."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

from app.services.sample_learner import SampleQuestion

if TYPE_CHECKING:
    from demo.learner import SynthesisedLearner

KEPT = 16


class DemoLearners:
    """SampleLearners who compose answers from the demonstration's phrases and speak them.

    Nothing is loaded before the first question. One answer is made at a time. `kept` learners remember what
    they have said; one who is forgotten begins anew, as the same person.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._at_most = kept
        self._kept: OrderedDict[UUID, SynthesisedLearner] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sample")

    async def answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        """Return what the session's learner says, as 16 kHz mono PCM16."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._answer, session_id, question)

    def _answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        from demo.answers import Question  # noqa: PLC0415 - a server that shows no sample needs no learner

        asked = Question(
            question.text,
            question.part,
            question.about,
            talk=question.talk,
            limit_ms=question.limit_ms,
            about_name=question.part is None,
        )
        return self._learner(session_id).answer(asked).speech.pcm

    def _learner(self, session_id: UUID) -> "SynthesisedLearner":
        from demo.learner import SynthesisedLearner  # noqa: PLC0415 - as above

        learner = self._kept.pop(session_id, None) or SynthesisedLearner(session_id.int % 2**31)
        self._kept[session_id] = learner
        if len(self._kept) > self._at_most:
            self._kept.popitem(last=False)
        return learner
