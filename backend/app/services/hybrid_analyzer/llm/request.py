"""Putting an answer before the model."""

from app.services.hybrid_analyzer.findings import Finding
from app.services.hybrid_analyzer.legible import MAX_CHARS
from app.services.hybrid_analyzer.llm.answer import Answer
from app.services.hybrid_analyzer.llm.port import ReviewRequest
from app.services.hybrid_analyzer.llm.question import Place, ReviewVariables, Suspect
from app.services.prompt_manager import OnBehalfOf

MAX_FINDINGS = 12
"""New findings that one answer may get from the model; more would bury the learner."""


def review_request(answer: Answer, learner: OnBehalfOf) -> ReviewRequest:
    """Return the request to read `answer`."""
    return ReviewRequest(
        turn_id=answer.turn_id,
        learner=learner,
        variables=ReviewVariables(
            part=answer.part,
            question=answer.question,
            answer=answer.text[:MAX_CHARS],
            already_found=[_place(f) for f in answer.language.findings],
            suspected=[Suspect(f.id, f.quote, f.correction, f.category) for f in answer.language.candidates],
        ),
    )


def _place(finding: Finding) -> Place:
    return Place(finding.quote, finding.correction, finding.category)
