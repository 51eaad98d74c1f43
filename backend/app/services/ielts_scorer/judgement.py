"""What a language model says about a feature that needs meaning, and how far that moves it: one state.

A feature that the measures have decided goes one step towards what the model says on the scale not met,
partly met, met. One without evidence gets its first state, met or not met; what the model calls partly met
stays without evidence, since half a yes about something nobody measured says nothing. No band is ever set: it
follows from the ledger, as without a model.
"""

from dataclasses import dataclass
from typing import Any, Literal

from app.services.ielts_scorer.sample import JudgedState

State = Literal["met", "partly", "not_met", "no_evidence"]

_SCALE: tuple[JudgedState, ...] = ("not_met", "partly", "met")


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """A model's share in a feature: who judged it, and what the feature was without and with that."""

    model: str
    prompt: str
    before: State
    after: State

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored and served."""
        return {"model": self.model, "prompt": self.prompt, "before": self.before, "after": self.after}


def moved(before: State, said: JudgedState) -> State:
    """Return the state of a feature that was `before` and that a model calls `said`."""
    if before == "no_evidence":
        return before if said == "partly" else said
    here, there = _SCALE.index(before), _SCALE.index(said)
    step = (there > here) - (there < here)
    return _SCALE[here + step]
