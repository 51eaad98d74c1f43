"""The edit tagger: a small encoder that says which words of a text it would change (see MODEL_CARD.md)."""

from app.adapters.edit_tagger.labels import Labels
from app.adapters.edit_tagger.pieces import Pieces
from app.adapters.edit_tagger.tagger import FOLDER, LABELS, NETWORK, VOCABULARY, OnnxEditTagger

__all__ = ["FOLDER", "LABELS", "NETWORK", "VOCABULARY", "Labels", "OnnxEditTagger", "Pieces"]
