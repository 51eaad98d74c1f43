"""Language models behind one small port: text in, JSON text out; retried, guarded, one after the other."""

from app.services.language_model.breaker import Breaker
from app.services.language_model.breaker import State as BreakerState
from app.services.language_model.guarded import Guarded, InOrder
from app.services.language_model.port import (
    Generated,
    Generation,
    LanguageModelUnavailable,
    Prices,
    TextModel,
    Unavailability,
    Usage,
)
from app.services.language_model.retrying import Retrying

__all__ = [
    "Breaker",
    "BreakerState",
    "Generated",
    "Generation",
    "Guarded",
    "InOrder",
    "LanguageModelUnavailable",
    "Prices",
    "Retrying",
    "TextModel",
    "Unavailability",
    "Usage",
]
