"""The fitted weights, about 2 MB, kept beside this file (see MODEL_CARD.md)."""

from importlib.resources import files

import numpy as np

from app.services.pronunciation_engine.learned.types import Floats

FILE = "weights.npz"


def load_weights() -> dict[str, Floats]:
    """Read the weights; OSError when the file is missing from the installation."""
    with files(__package__).joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
