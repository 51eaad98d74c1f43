"""Implements hybrid_analyzer.EditTagger with onnxruntime and weights of 23 MB kept beside this file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.edit_tagger.labels import Labels
from app.adapters.edit_tagger.pieces import Pieces
from app.adapters.edit_tagger.windows import Window, windows
from app.services.hybrid_analyzer import Vote

FOLDER = Path(__file__).parent
NETWORK, LABELS, VOCABULARY = "tagger.onnx", "labels.json", "vocab.txt"

MIN_PROBABILITY = 0.02
"""Less likely changes are not reported."""

Floats = NDArray[np.float32]


class OnnxEditTagger:
    """Votes on the words of a text, about 0.35 ms a word on one core. Thread-safe.

    Loading takes 0.2 s and 40 MB, which go with the object. Raises OSError, ValueError or what onnxruntime
    raises when the files are missing or damaged.
    """

    NAME = "edit-tagger-2"

    def __init__(self, folder: Path = FOLDER) -> None:
        import onnxruntime  # noqa: PLC0415 - heavy, and wanted by few processes

        self._labels = Labels.read(folder / LABELS)
        self._pieces = Pieces(folder / VOCABULARY)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / NETWORK), options, providers=["CPUExecutionProvider"]
        )

    def votes(self, words: Sequence[str]) -> tuple[Vote, ...]:
        """Return the likelier changes at each word."""
        return tuple(vote for window in windows(len(words)) for vote in self._judge(words, window))

    def _judge(self, words: Sequence[str], window: Window) -> Iterator[Vote]:
        """Yield the votes on the words that the window judges: change in place first, then put before."""
        ids = [self._pieces.begin]
        places: list[int] = []
        for word in words[window.first : window.last]:
            places.append(len(ids))
            ids += self._pieces.of(word)
        ids.append(self._pieces.end)
        edits, before = self._session.run(None, {"ids": np.array([ids], dtype=np.int64)})
        for token in range(window.start, window.end):
            place = places[token - window.first]
            yield from self._vote(token, self._labels.edits, edits[0, place])
            yield from self._vote(token, self._labels.before, before[0, place])

    @staticmethod
    def _vote(token: int, names: Sequence[str], probabilities: Floats) -> Iterator[Vote]:
        """Yield the changes worth a look; the first name says that nothing changes."""
        for at in np.flatnonzero(probabilities >= MIN_PROBABILITY).tolist():
            if at > 0:
                yield Vote(token, names[at], float(probabilities[at]))
