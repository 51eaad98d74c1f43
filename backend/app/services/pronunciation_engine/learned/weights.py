"""The fitted weights, about 2 MB, kept beside this file (see MODEL_CARD.md)."""

from importlib.resources import files

import numpy as np

from app.services.pronunciation_engine.learned.types import Floats

FILES = {"weights.npz": "", "speakers.npz": "speakers/"}
"""Each with what stands before the names of its arrays."""


def load_weights() -> dict[str, Floats]:
    """Read the weights; OSError when a file is missing from the installation."""
    found: dict[str, Floats] = {}
    for name, prefix in FILES.items():
        path = files(__package__).joinpath(name)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found |= {prefix + array: stored[array].astype(np.float32) for array in stored.files}
    return found
