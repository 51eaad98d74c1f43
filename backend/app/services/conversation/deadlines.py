"""What the exam is waiting for, and when it stops waiting. Times are exam milliseconds."""

from collections.abc import Iterator
from enum import IntEnum

from app.services.conversation.exam_state import After, ExamState, Section
from app.services.conversation.exam_types import Phase
from app.services.conversation.timing import ExamTiming


class Due(IntEnum):
    """Why time matters next; of two at the same moment the smaller comes first."""

    HARD_STOP = 0
    TRANSCRIPT_LOST = 1
    LINE_LOST = 2
    TALK_OVER = 3
    PART_OVER = 4
    ANSWER_LONG = 5
    SILENCE = 6
    PREPARED = 7
    REVIEWED = 8


def next_due(state: ExamState, timing: ExamTiming) -> tuple[int, Due] | None:
    """Return when time matters next and why, or None when the exam has nothing to wait for."""
    return min(_all_due(state, timing), default=None)


def is_preparing(state: ExamState) -> bool:
    """Whether the preparation time is running: the card was handed over, and nothing has been said since."""
    return state.phase is Phase.P2_PREP and not state.lines and state.after is After.NOTHING


def is_reviewing(state: ExamState) -> bool:
    """Whether the learner is looking at an answer, and nothing is being said."""
    return state.phase is Phase.REVIEW and not state.lines and state.after is After.NOTHING


def _all_due(state: ExamState, timing: ExamTiming) -> Iterator[tuple[int, Due]]:
    if not state.started or state.finished:
        return
    if state.phase is not Phase.CLOSE:
        yield timing.hard_stop_ms, Due.HARD_STOP
    if state.lines:
        yield state.line_due_ms, Due.LINE_LOST
    turn = state.turn
    if turn is None:
        if is_preparing(state):
            yield state.phase_started_ms + timing.preparation_ms, Due.PREPARED
        if is_reviewing(state):
            yield state.phase_started_ms + timing.review_ms, Due.REVIEWED
        return
    if turn.stopped is not None:
        yield turn.stopped_ms + timing.transcript_wait_ms, Due.TRANSCRIPT_LOST
        return
    if state.phase is Phase.P2_TALK:
        yield state.phase_started_ms + timing.talk_ms, Due.TALK_OVER
        if not turn.speaking:
            yield turn.silent_since_ms + timing.talk_silence_ms, Due.SILENCE
        return
    if state.section is Section.PART3:
        yield state.section_started_ms + timing.part3_max_ms, Due.PART_OVER
    if turn.spoke_ms is None:
        yield turn.silent_since_ms + timing.no_answer_ms, Due.SILENCE
    else:
        yield turn.spoke_ms + _answer_ms(state.section, timing), Due.ANSWER_LONG


def _answer_ms(section: Section, timing: ExamTiming) -> int:
    match section:
        case Section.OPENING:
            return timing.opening_answer_ms
        case Section.PART1:
            return timing.part1_answer_ms
        case Section.PART2:
            return timing.rounding_answer_ms
        case Section.PART3:
            return timing.part3_answer_ms
        case Section.PRACTICE:
            return timing.practice_answer_ms
