"""What an analysis reads and writes, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.services.analysis_store import StoredMaterial
from app.services.hybrid_analyzer import Finding
from app.services.job_queue import Job, LeaseLost
from app.services.session_store import NewEvent, TurnRecord
from app.services.training_engine import Weakness


@dataclass
class MemoryDesk:
    """Implements AnalysisDesk. Set `lost` to have every write refused."""

    materials: dict[UUID, StoredMaterial] = field(default_factory=dict)
    lost: bool = False
    completed: list[tuple[Job, dict[str, Any], Sequence[Finding], NewEvent]] = field(default_factory=list)
    transcripts: list[TurnRecord] = field(default_factory=list)

    async def material(self, session_id: UUID) -> StoredMaterial | None:
        """Return what was put in for the session."""
        return self.materials.get(session_id)

    async def put_transcript(self, job: Job, turn: TurnRecord) -> None:
        """Keep the transcript."""
        if self.lost:
            raise LeaseLost("gone")
        self.transcripts.append(turn)

    async def complete(
        self,
        job: Job,
        *,
        method_version: str,
        result: dict[str, Any],
        findings: Sequence[Finding],
        event: NewEvent,
        weaknesses: Sequence[Weakness] = (),
    ) -> int:
        """Keep the result."""
        if self.lost:
            raise LeaseLost("gone")
        self.completed.append((job, result, findings, event))
        return len(self.completed)
