"""What learners say about findings, and what came of it: /api/v1/feedback and /api/v1/rules."""

from fastapi import APIRouter, Response, status

from app.api.deps import CurrentUser, Parts
from app.api.errors import FindingNotFound, documented
from app.api.feedback_models import GivenFeedback, NewFeedback, Rules, RuleStanding

router = APIRouter(tags=["feedback"], responses=documented(400, 401, 422, 503))


@router.post("/feedback", status_code=status.HTTP_201_CREATED, responses=documented(404))
async def give_feedback(
    feedback: NewFeedback, user: CurrentUser, parts: Parts, response: Response
) -> GivenFeedback:
    """Dispute a finding of one's own, or agree with it; what was said last counts.

    201 for the first word on a finding, 200 after that. Repeating it changes nothing.
    """
    given = await parts.feedback.give(user.user_id, feedback.finding_id, feedback.verdict, feedback.comment)
    if given is None:
        raise FindingNotFound
    kept, first = given
    if not first:
        response.status_code = status.HTTP_200_OK
    return GivenFeedback.of(kept)


@router.get("/rules")
async def read_rules(_user: CurrentUser, parts: Parts) -> Rules:
    """Return how every rule stands: measured, disputed, switched off.

    The family `language_model` are kinds of mistakes that a language model may report; they are disputed and
    switched off like rules.
    """
    standings = await parts.rules.standings()
    return Rules(items=[RuleStanding.of(s) for s in sorted(standings, key=lambda s: s.rule_id)])
