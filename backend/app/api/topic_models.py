"""What the REST API tells of the topics that can be practised."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from app.services.conversation import Topic
from app.services.conversation.practice_plan import Part


class PracticeTopic(BaseModel):
    """Something to talk about in `practice`."""

    id: str = Field(examples=["P1-005"])
    name: str = Field(examples=["Tea and other drinks"])
    parts: list[Part] = Field(description="The parts of the test it has questions for.")
    themes: list[str] = Field(examples=[["drink", "food"]])


class TopicList(BaseModel):
    """Everything that can be practised."""

    items: list[PracticeTopic]

    @classmethod
    def of(cls, topics: Sequence[Topic]) -> Self:
        """Show the topics."""
        return cls(
            items=[
                PracticeTopic(id=t.id, name=t.name, parts=list(t.parts), themes=list(t.themes))
                for t in topics
            ]
        )
