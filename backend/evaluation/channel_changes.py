"""What another channel does to speech as the encoder sees it, taken out of the weights.

Nuisance attribute projection (Solomonoff, Campbell and Boardman, ICASSP 2005): the same recordings are heard
as they are and through other channels, the directions in which that moves the pooled states most are found,
and the components that the scorer reads do not look along them any more. The projection is part of the
weights, so scoring does not know of it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.vectors import LAYERS

DIRECTIONS = 2
"""Of each layer. With four, scores of undisturbed speech moved twice as much and those of disturbed speech no
less."""

_LIMIT = 5.0

Changes = Mapping[str, Floats]
"""Layer -> (channels, 1536): pooled states through a channel less those of the recording itself."""


def without_channel(weights: Mapping[str, Floats], changes: Sequence[Changes]) -> dict[str, Floats]:
    """Return `weights` of one kind that do not see what `changes` have most in common; the same for none."""
    found = dict(weights)
    if not changes:
        return found
    for layer in LAYERS:
        moved = np.concatenate([change[layer] for change in changes]) / weights[f"pooled_scale/{layer}"]
        _, _, directions = np.linalg.svd(np.clip(moved, -_LIMIT, _LIMIT), full_matrices=False)
        lead = directions[:DIRECTIONS]
        basis = weights[f"pooled_basis/{layer}"]
        found[f"pooled_basis/{layer}"] = (basis - lead.T @ (lead @ basis)).astype(np.float32)
    return found
