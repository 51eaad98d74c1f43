"""What the REST API takes and gives about findings and rules."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.services.finding_feedback import Feedback, Verdict
from app.services.hybrid_analyzer import RuleState, Standing


def _without_control_characters(text: str) -> str:
    if any(not (character.isprintable() or character in "\n\t") for character in text):
        raise ValueError("control characters are not allowed")
    return text


FindingId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$", strict=True)]
Comment = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, strict=True),
    AfterValidator(_without_control_characters),
]


class NewFeedback(BaseModel):
    """What a learner says about a finding."""

    model_config = ConfigDict(extra="forbid")

    finding_id: FindingId = Field(description="The finding's `id`.", examples=["f_0f3c9d1e5b7a8c42"])
    verdict: Verdict = Field(
        "wrong", description="`wrong` disputes it; `right` agrees, and takes an earlier dispute back."
    )
    comment: Comment | None = Field(
        None, description="In the learner's words.", examples=["I said “a student”."]
    )


class GivenFeedback(BaseModel):
    """What is kept of it."""

    finding_id: str = Field(examples=["f_0f3c9d1e5b7a8c42"])
    session_id: str = Field(examples=["3f0e9a51-5c0c-4c77-8d0b-5a7f2f8f9f11"])
    rule_id: str = Field(description="The rule that raised the finding.", examples=["UZ-G01"])
    rule_version: int = Field(description="Its version then.", examples=[1])
    method_version: str | None = Field(description="The method of the analysis.")
    verdict: Verdict
    comment: str | None
    created_at: datetime = Field(description="UTC.")
    updated_at: datetime = Field(description="UTC.")

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        """Show the feedback."""
        return cls(
            finding_id=feedback.finding_id,
            session_id=str(feedback.session_id),
            rule_id=feedback.rule_id,
            rule_version=feedback.rule_version,
            method_version=feedback.method_version,
            verdict=feedback.verdict,
            comment=feedback.comment,
            created_at=feedback.created_at,
            updated_at=feedback.updated_at,
        )


class RuleStanding(BaseModel):
    """A rule as it stands."""

    rule_id: str = Field(examples=["UZ-G01"])
    rule_version: int = Field(examples=[1])
    family: str = Field(examples=["uzbek"])
    category: str = Field(description="ERRANT type.", examples=["M:DET"])
    state: RuleState = Field(
        description="`active` raises findings; `gated` only suspects, for a language model to confirm; `off` "
        "has switched itself off."
    )
    precision: float = Field(ge=0, le=1, description="From readings and disputes together.", examples=[0.91])
    floor: float = Field(ge=0, le=1, description="Below this it switches itself off.", examples=[0.8])
    flags_read: int = Field(ge=0, description="Flags that were read by people or held against annotators.")
    flags_right: int = Field(ge=0, description="How many of them were right.")
    learners_shown: int = Field(ge=0, description="Learners who met it; 0 while nobody disputes it.")
    learners_disputing: int = Field(ge=0, description="Learners who dispute one of its findings.")

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """Show how the rule stands."""
        return cls(
            rule_id=standing.rule_id,
            rule_version=standing.rule_version,
            family=standing.family,
            category=standing.category,
            state=standing.state,
            precision=standing.precision,
            floor=standing.floor,
            flags_read=standing.flags_read,
            flags_right=standing.flags_right,
            learners_shown=standing.learners_shown,
            learners_disputing=standing.learners_disputing,
        )


class Rules(BaseModel):
    """Every rule of the language analysis, and every kind of mistake that a language model may report."""

    items: list[RuleStanding] = Field(description="In order of their ids.")
