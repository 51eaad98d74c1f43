"""Feedback on an answer as an event. Pure."""

from app.api.websocket.protocol import BetterVersion, FeedbackChange, TurnFeedback
from app.services.analysis_coordinator import LearnerTurn, finding_json
from app.services.analysis_coordinator import TurnFeedback as Feedback


def feedback_event(turn: LearnerTurn, feedback: Feedback) -> TurnFeedback:
    """Return the feedback on an answer as sent."""
    better = feedback.better
    return TurnFeedback(
        turn_id=turn.turn_id,
        text=turn.speech.text,
        part=turn.part,
        question_id=turn.question_id,
        measures=feedback.measures,
        findings=[finding_json(finding) for finding in feedback.findings],
        note=feedback.note,
        note_uz=feedback.note_uz,
        better=None
        if better is None
        else BetterVersion(
            better.text,
            [
                FeedbackChange(
                    kind=change.kind,
                    start=change.start,
                    end=change.end,
                    better_start=change.better_start,
                    better_end=change.better_end,
                    said=change.said,
                    better=change.better,
                    finding_id=change.finding_id,
                )
                for change in better.changes
            ],
        ),
    )
