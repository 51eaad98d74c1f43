"""Phone posteriors from hama, a small CTC model of 191 IPA symbols."""

import threading
from typing import Any

import numpy as np

from app.services.pronunciation_engine.learned.inventory import classes_of, fold
from app.services.pronunciation_engine.learned.types import Floats


class HamaPhones:
    """The loaded model. The native engine promises nothing about threads, so calls take turns."""

    def __init__(self) -> None:
        """Load the model. Blocks for about 0.2 s."""
        from hama import ASRModel  # noqa: PLC0415 - heavy, off the event loop

        self._model: Any = ASRModel()
        self._classes = classes_of(self._model.decoder_tokens)
        self._turn = threading.Lock()

    def posteriors(self, samples: Floats) -> Floats:
        """Return (20 ms frames, 41) log-probabilities of the phone classes, other and blank. Blocks."""
        given = {"waveform": samples[None], "waveform_lengths": np.array([len(samples)])}
        with self._turn:
            log_probs, lengths = self._model.session.run(["log_probs", "out_lengths"], given)
        return fold(log_probs[0][: int(lengths[0])], self._classes)
