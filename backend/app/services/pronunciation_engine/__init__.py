"""How answers were spoken: intelligibility, pauses and rates, pitch. Never an accent score."""

from app.services.pronunciation_engine.engine import Delivery, assess_delivery
from app.services.pronunciation_engine.intelligibility import Intelligibility, UnclearWord
from app.services.pronunciation_engine.pitch import Pitch, estimate_pitch
from app.services.pronunciation_engine.summary import DeliverySummary, summarise
from app.services.pronunciation_engine.syllables import count_syllables
from app.services.pronunciation_engine.timing import LONG_PAUSE_MS, PAUSE_MS, Pause, Run, Timing

__all__ = [
    "LONG_PAUSE_MS",
    "PAUSE_MS",
    "Delivery",
    "DeliverySummary",
    "Intelligibility",
    "Pause",
    "Pitch",
    "Run",
    "Timing",
    "UnclearWord",
    "assess_delivery",
    "count_syllables",
    "estimate_pitch",
    "summarise",
]
