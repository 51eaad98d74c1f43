"""The rubric: observable features of each band, in our own words, as data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from app.services.hybrid_analyzer import Criterion

Polarity = Literal["positive", "limiting"]
JudgedSet = Literal["relevance", "coherence", "precision", "error_effect"]
_FILE = Path(__file__).with_name("descriptors.json")


@dataclass(frozen=True, slots=True)
class Feature:
    """One observable feature.

    A `positive` feature must be there to have its band, a `limiting` one keeps a speaker from the next band.
    `measures` decide it together; `at_least` decides it by the lowest error density that findings support. An
    `essential` feature must have evidence before its band can be given. `judged` names the set in which a
    language model may judge it, None where none may.
    """

    id: str
    criterion: Criterion
    band: int
    polarity: Polarity
    text: str
    text_uz: str
    measures: tuple[str, ...] = ()
    at_least: Mapping[str, float] = field(default_factory=dict)
    essential: bool = False
    judged: JudgedSet | None = None


@cache
def features_of(criterion: Criterion) -> tuple[Feature, ...]:
    """Return the features of one criterion, lowest band first, positive before limiting."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    features = [
        Feature(
            id=row["id"],
            criterion=row["criterion"],
            band=row["band"],
            polarity=row["polarity"],
            text=row["text"],
            text_uz=row["text_uz"],
            measures=tuple(row.get("measures", ())),
            at_least=row.get("at_least", {}),
            essential=row.get("essential", False),
            judged=row.get("judged"),
        )
        for row in data["features"]
        if row["criterion"] == criterion
    ]
    return tuple(sorted(features, key=lambda f: (f.band, f.polarity == "limiting", f.id)))
