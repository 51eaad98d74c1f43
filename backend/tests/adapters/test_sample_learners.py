"""The demonstration's learner speaks for samples."""

from uuid import UUID

import numpy as np

from app.adapters.sample_learners import SynthesisedLearners
from app.services.sample_learner import SampleQuestion

ONE = UUID(int=7)


async def test_a_learner_answers_and_does_not_repeat_itself() -> None:
    learners = SynthesisedLearners()
    question = SampleQuestion("What kind of home do you live in?", 1, "Let's talk about your home.")
    first, second = [await learners.answer(ONE, question) for _ in range(2)]
    assert 32_000 * 2 < len(first) < 32_000 * 60
    assert np.abs(np.frombuffer(first, "<i2")).max() > 1_000
    assert first != second


async def test_only_so_many_are_remembered_and_the_forgotten_begin_anew() -> None:
    learners = SynthesisedLearners(kept=1)
    question = SampleQuestion("What is your full name?")
    first = await learners.answer(ONE, question)
    await learners.answer(UUID(int=8), question)
    assert await learners.answer(ONE, question) == first
