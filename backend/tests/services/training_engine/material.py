"""Cards for tests."""

from datetime import UTC, date, datetime
from uuid import UUID

from app.services.training_engine import Card, CardKind, Example, Material, Memory, Sm2

CARD = UUID("7d1f6f5e-31f5-4f0e-8f15-9b6a0d5f2c11")
LEARNER = UUID("0b9f4a58-6c8a-4b6d-8a5e-5a2f7f0f7d22")
MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 7, tzinfo=UTC)


def example(said: str, quote: str, correction: str) -> Example:
    """An example with one mistake."""
    at = said.index(quote)
    return Example(said, said.replace(quote, correction, 1), quote, correction, at, at)


def card(
    target: str = "AGR-HE-SHE-IT",
    *examples: Example,
    kind: CardKind = "rule",
    category: str = "R:VERB:SVA",
    reviews: int = 0,
    pairs: tuple[tuple[str, str], ...] = (),
    memory: Memory | None = None,
    due: date = MONDAY,
    card_id: UUID = CARD,
) -> Card:
    """A card that is due."""
    return Card(
        id=card_id,
        user_id=LEARNER,
        target=target,
        kind=kind,
        criterion="pronunciation" if kind == "sound" else "grammatical_range_accuracy",
        status="active",
        material=Material("title", "explanation", "izoh", category, examples, pairs),
        memory=memory or Sm2().new(),
        due=due,
        reviews=reviews,
    )
