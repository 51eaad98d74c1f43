"""The sections of an exam: how each is conducted, and which of them a mode has, in order."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from app.services.conversation import opening, part1, part2, part3, practice
from app.services.conversation.exam_state import Answer, Section
from app.services.conversation.exam_types import Mode
from app.services.conversation.stage import Stage


class _Part(Protocol):
    """How a section is conducted. Each function returns whether a question is open (or done with)."""

    def begin(self, stage: Stage) -> bool: ...
    def answered(self, stage: Stage, answer: Answer) -> bool: ...
    def go_on(self, stage: Stage) -> bool: ...


PARTS: Mapping[Section, _Part] = MappingProxyType(
    {
        Section.OPENING: opening,
        Section.PART1: part1,
        Section.PART2: part2,
        Section.PART3: part3,
        Section.PRACTICE: practice,
    }
)
COURSES: Mapping[Mode, tuple[Section, ...]] = MappingProxyType(
    {
        Mode.FULL: (Section.OPENING, Section.PART1, Section.PART2, Section.PART3),
        Mode.QUICK: (Section.OPENING, Section.PART1, Section.PART2, Section.PART3),
        Mode.PART1: (Section.OPENING, Section.PART1),
        Mode.PART2: (Section.OPENING, Section.PART2),
        Mode.PART3: (Section.OPENING, Section.PART3),
        Mode.PRACTICE: (Section.PRACTICE,),
    }
)
