"""Language models behind one small port: text in, JSON text out."""

from app.services.language_model.port import (
    Generated,
    Generation,
    LanguageModelUnavailable,
    TextModel,
    Unavailability,
    Usage,
)

__all__ = [
    "Generated",
    "Generation",
    "LanguageModelUnavailable",
    "TextModel",
    "Unavailability",
    "Usage",
]
