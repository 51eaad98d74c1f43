"""Language models behind one small port: text in, JSON text out; retried, guarded, one after the other."""

from app.services.language_model.breaker import Breaker, ProviderState
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
    "ProviderState",
    "Retrying",
    "TextModel",
    "Unavailability",
    "Usage",
]
