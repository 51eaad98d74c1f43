"""Phone posteriors from hama, a small CTC model of 191 IPA symbols."""

from importlib.resources import files

from app.adapters.local_speech.hama_conformer import Conformer
from app.adapters.local_speech.hama_package import read_weights
from app.services.pronunciation_engine.learned.inventory import classes_of, fold
from app.services.pronunciation_engine.learned.types import Floats

BEYOND_THE_VOCABULARY = ("<wb>", "<blank>")
"""The model's last two outputs: a word's end, and nothing new."""


class HamaPhones:
    """The loaded model; may be called from several threads."""

    def __init__(self) -> None:
        """Load the model. Blocks for about 0.2 s. Raises UnknownPackageFormat, KeyError, OSError."""
        from hama.vocab import Vocabulary  # noqa: PLC0415 - heavy, off the event loop

        self._model = Conformer(read_weights((files("hama.assets") / "asr_waveform.hama").read_bytes()))
        self._classes = classes_of([*Vocabulary.load().decoder, *BEYOND_THE_VOCABULARY])

    def posteriors(self, samples: Floats) -> Floats:
        """Return (20 ms frames, 41) log-probabilities of the phone classes, other and blank. Blocks."""
        return fold(self._model.log_probs(samples), self._classes)
