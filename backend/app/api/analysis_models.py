"""What the REST API gives of an analysis."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from app.api.models import EXAMPLE_SESSION, EXAMPLE_TIME, EXAMPLE_TURN, Milliseconds
from app.services.analysis_store import AnalysisView
from app.services.finding_feedback import Verdict
from app.services.hybrid_analyzer.findings import Criterion, Finding, Severity, Source
from app.services.job_queue import JobStatus


class AnalysisFinding(BaseModel):
    """One place in an answer that could be better."""

    id: str = Field(examples=["f_0f3c9d1e5b7a8c42"])
    rule_id: str = Field(examples=["UZ-G01"])
    rule_version: int = Field(examples=[1])
    category: str = Field(description="ERRANT type.", examples=["M:DET"])
    criterion: Criterion
    severity: Severity
    confidence: float = Field(ge=0, le=1, examples=[0.9])
    source: Source
    turn_id: str = Field(examples=[EXAMPLE_TURN])
    char_start: int = Field(ge=0, description="First character of the quote in the turn's text.")
    char_end: int = Field(ge=0, description="First character behind it.")
    start_ms: Milliseconds | None = Field(description="null where the words carry no times.")
    end_ms: Milliseconds | None
    quote: str = Field(examples=["am student"])
    correction: str = Field(examples=["am a student"])
    explanation: str
    explanation_uz: str | None
    verdict: Verdict | None = Field(description="What the learner said about it; `wrong` disputes it.")

    @classmethod
    def of(cls, finding: Finding, verdict: Verdict | None) -> Self:
        """Show the finding, and what its learner said about it."""
        return cls(
            id=finding.id,
            rule_id=finding.rule_id,
            rule_version=finding.rule_version,
            category=finding.category,
            criterion=finding.criterion,
            severity=finding.severity,
            confidence=finding.confidence,
            source=finding.source,
            turn_id=finding.turn_id,
            char_start=finding.char_start,
            char_end=finding.char_end,
            start_ms=finding.start_ms,
            end_ms=finding.end_ms,
            quote=finding.quote,
            correction=finding.correction,
            explanation=finding.explanation,
            explanation_uz=finding.explanation_uz,
            verdict=verdict,
        )


class Analysis(BaseModel):
    """The deep analysis of a session: its state, and once `done` its result."""

    id: str
    session_id: str = Field(examples=[EXAMPLE_SESSION])
    status: JobStatus
    progress: int = Field(ge=0, le=100, description="Percent.")
    created_at: datetime = Field(description="UTC.", examples=[EXAMPLE_TIME])
    started_at: datetime | None = Field(description="UTC.", examples=[EXAMPLE_TIME])
    finished_at: datetime | None = Field(description="UTC.", examples=[EXAMPLE_TIME])
    method_version: str | None = Field(description="Which method made the result; null until done.")
    result: dict[str, Any] | None = Field(
        description="Bands with their evidence, and measures; null until done."
    )
    findings: list[AnalysisFinding] = Field(description="In the order of the dialogue.")

    @classmethod
    def of(cls, view: AnalysisView) -> Self:
        """Show the analysis."""
        return cls(
            id=str(view.id),
            session_id=str(view.session_id),
            status=view.status,
            progress=view.progress,
            created_at=view.created_at,
            started_at=view.started_at,
            finished_at=view.finished_at,
            method_version=view.method_version,
            result=view.result,
            findings=[AnalysisFinding.of(found, view.verdicts.get(found.id)) for found in view.findings],
        )
