"""What would have raised each band, in words: how much of what, and at which places of the answers."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.services.analysis_coordinator.measures import Measures
from app.services.hybrid_analyzer import Criterion, fill_in
from app.services.ielts_scorer import Change, Counterfactual, Evidence, Sample, smallest_changes

_IF = "{changes} would bring this criterion to about band {band}."
_IF_UZ = "{changes} bu mezonni taxminan {band} ballga olib chiqardi."


@dataclass(frozen=True, slots=True)
class WouldRaise:
    """One way to a higher band: the band, the changes it takes, and where they could be made.

    `values` holds for each measure its name, its value now and the value it would need.
    """

    band: float
    text: str
    text_uz: str
    values: tuple[tuple[str, float, float], ...]
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored and served."""
        return {
            "band": self.band,
            "text": self.text,
            "text_uz": self.text_uz,
            "changes": [{"measure": n, "from": a, "to": round(b, 3)} for n, a, b in self.values],
            "evidence": [asdict(e) for e in self.evidence],
        }


def would_raise(criterion: Criterion, sample: Sample, measures: Measures) -> tuple[WouldRaise, ...]:
    """Return up to three ways to a higher band, smallest first; empty where none can be shown."""
    return tuple(_worded(found, sample, measures) for found in smallest_changes(criterion, sample))


@cache
def wording() -> Mapping[str, Mapping[str, str]]:
    """Return how a change of each measure is said, the one that says most of its bundle first."""
    path = Path(__file__).with_name("counterfactuals.json")
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _worded(found: Counterfactual, sample: Sample, measures: Measures) -> WouldRaise:
    parts = [_change(change, measures) for change in found.changes]
    band = f"{found.band:.1f}"
    places = [e for change in found.changes for e in sample.measures[_lead(change)[0]].opposing]
    return WouldRaise(
        band=float(found.band),
        text=_capital(fill_in(_IF, {"changes": " and ".join(text for text, _ in parts), "band": band})),
        text_uz=_capital(fill_in(_IF_UZ, {"changes": " va ".join(uz for _, uz in parts), "band": band})),
        values=tuple(value for change in found.changes for value in change.values),
        evidence=tuple(dict.fromkeys(places)),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lead(change: Change) -> tuple[str, float, float]:
    """Return the measure a change is told by."""
    moved = {value[0]: value for value in change.values}
    return next(moved[name] for name in wording() if name in moved)


def _change(change: Change, measures: Measures) -> tuple[str, str]:
    name, now, then = _lead(change)
    words = wording()[name]
    n = max(1, math.ceil(_amount(words.get("per", ""), now, then, measures) - 1e-9))
    slots = {
        "from0": f"{now:.0f}",
        "to0": f"{then:.0f}",
        "from1": f"{now:.1f}",
        "to1": f"{then:.1f}",
        "from100": f"{now * 100:.0f}",
        "to100": f"{then * 100:.0f}",
        "n": str(n),
    }
    text = words["text"] if n > 1 else words.get("text_one", words["text"])
    return fill_in(text, slots), fill_in(words["text_uz"], slots)


def _amount(per: str, now: float, then: float, measures: Measures) -> float:
    """Return how many words, pauses or sentences it takes to move a rate or share from `now` to `then`."""
    moved = abs(now - then)
    match per:
        case "100_words":
            return moved * measures.language.words / 100
        case "50_words":
            return moved * 50
        case "100_content_words":
            return moved * 100
        case "markers":
            return moved * measures.language.marker_count
        case "sentences":
            return measures.language.grammar.units * (1 - now / then)
        case "spoken_words":
            return moved * measures.delivery.words
        case "pauses":
            return moved * measures.delivery.pause_count
        case _:
            return moved
