"""Who answers the examiner in a demo."""

from typing import Protocol

from app.services.sample_learner import SampleAnswer, SampleQuestion


class Learner(Protocol):
    """Gives answers. Called from a worker thread, one call at a time."""

    @property
    def prepares(self) -> bool:
        """Whether the learner uses the preparation time of Part 2."""
        ...

    @property
    def left_ms(self) -> int | None:
        """How much is still to be said, or None where there is always something."""
        ...

    def answer(self, question: SampleQuestion) -> SampleAnswer | None:
        """Return the answer to a question, or None when there is nothing left to say at all."""
        ...

    def turn_taken(self, heard_ms: int) -> None:
        """The examiner went on after hearing `heard_ms` of the latest answer."""
        ...
