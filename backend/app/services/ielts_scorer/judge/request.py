"""Putting a set of features and the answers before the judge."""

from collections.abc import Sequence

from app.services.hybrid_analyzer.legible import MAX_CHARS
from app.services.ielts_scorer.criteria import CRITERIA
from app.services.ielts_scorer.descriptors import Feature, JudgedSet, features_of
from app.services.ielts_scorer.judge.port import JudgeRequest
from app.services.ielts_scorer.judge.question import AskedFeature, GivenAnswer, JudgeVariables
from app.services.ielts_scorer.judge.statements import Statement
from app.services.prompt_manager import OnBehalfOf

JUDGED_SETS: tuple[JudgedSet, ...] = ("relevance", "coherence", "precision", "error_effect")


def features_in(judged_set: JudgedSet) -> tuple[Feature, ...]:
    """Return the features that a model may judge in this set."""
    return tuple(f for criterion in CRITERIA for f in features_of(criterion) if f.judged == judged_set)


def judge_request(
    judged_set: JudgedSet, statements: Sequence[Statement], learner: OnBehalfOf
) -> JudgeRequest:
    """Return the request to judge one set of features by all answers."""
    return JudgeRequest(
        judged_set=judged_set,
        learner=learner,
        variables=JudgeVariables(
            features=[AskedFeature(f.id, f.text) for f in features_in(judged_set)],
            answers=[
                GivenAnswer(number, s.part, s.question, s.text[:MAX_CHARS])
                for number, s in enumerate(statements, start=1)
            ],
        ),
    )
