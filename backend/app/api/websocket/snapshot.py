"""What a client gets that comes back to a session whose log does not reach back to where it was. Pure."""

from collections.abc import Sequence

from app.api.websocket.exam_runner import ExamRunner
from app.api.websocket.lines import DISCARDED, Lines
from app.api.websocket.protocol import Snapshot, SnapshotTurn
from app.services.session_store import SessionRecord, TurnRecord


def of_live(
    record: SessionRecord, turns: Sequence[TurnRecord], *, last_seq: int, exam: ExamRunner, lines: Lines
) -> Snapshot:
    """Return where an exam under way stands; `turns` are those stored when the log had reached `last_seq`,
    or later."""
    phase = exam.entered
    return Snapshot(
        last_seq=last_seq,
        mode=record.mode,
        clock=record.clock,
        elapsed_ms=exam.elapsed_ms,
        turns=_dialogue(turns),
        question=exam.question.text or None,
        part=phase.part,
        limit_ms=phase.limit_ms,
        card=phase.card,
        voice=lines.spoken(),
    )


def of_ended(record: SessionRecord, turns: Sequence[TurnRecord], *, last_seq: int) -> Snapshot:
    """Return what there is of an exam that is over."""
    return Snapshot(
        last_seq=last_seq,
        mode=record.mode,
        clock=record.clock,
        turns=_dialogue(turns),
        summary=record.summary,
    )


def _dialogue(turns: Sequence[TurnRecord]) -> list[SnapshotTurn]:
    return [
        SnapshotTurn(
            turn_id=str(turn.id),
            speaker=turn.speaker,
            text=turn.text,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            part=turn.part,
            kind=turn.kind,
            question_id=turn.question_id,
        )
        for turn in turns
        if turn.kind != DISCARDED
    ]
