"""The receipt of an erasure as JSON."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.services.erasure import Receipt


class ErasureReceipt(BaseModel):
    """What was erased. It names nobody."""

    receipt_id: UUID
    erased_at: AwareDatetime = Field(description="From then on the account and all its rows are gone.")
    finished_at: AwareDatetime | None = Field(
        description="From then on its files are gone too; null while some could not be removed yet."
    )
    rows: dict[str, int] = Field(
        description="How many rows, by kind.", examples=[{"sessions": 3, "turns": 61}]
    )
    files: int = Field(description="How many files: pieces of recordings, and reports.")

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Show the receipt."""
        return cls(
            receipt_id=receipt.id,
            erased_at=receipt.erased_at,
            finished_at=receipt.finished_at,
            rows=dict(receipt.rows),
            files=receipt.files,
        )
