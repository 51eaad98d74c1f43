"""The word model: the 20,000-word trigram model that the pocketsphinx wheel carries."""

from importlib.resources import files

from pocketsphinx import Config, LogMath, NGramModel

_LOG_UNIT = 1e-4
"""pocketsphinx counts in logarithms to the base 1.0001; ln(1.0001) is this to five places."""

_KNOWN = -1_000_000
"""Below this, in the model's units, is the mark it gives to a word outside its vocabulary."""


class PocketsphinxTrigrams:
    """Implements hybrid_analyzer.TrigramModel, about 2 us a call. Loading takes 0.2 s and 30 MB."""

    def __init__(self, model: NGramModel) -> None:
        self._model = model

    @classmethod
    def load(cls) -> "PocketsphinxTrigrams":
        """Load the model from the installed package. Raises RuntimeError when its file is missing."""
        path = files("pocketsphinx") / "model" / "en-us" / "en-us.lm.bin"
        model = NGramModel(Config(), LogMath(), str(path))
        return cls(model)

    def log_probability(self, before: str, previous: str, word: str) -> float | None:
        """Return the natural log probability of a word after two others, None for an unknown word."""
        # pocketsphinx takes the word first and its history backwards.
        value = self._model.prob([word, previous, before])
        return value * _LOG_UNIT if value > _KNOWN else None
