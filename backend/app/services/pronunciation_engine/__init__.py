"""How answers were spoken: intelligibility, pauses and rates, pitch. Never an accent score."""

from app.services.pronunciation_engine.engine import Delivery, assess_delivery
from app.services.pronunciation_engine.intelligibility import Intelligibility, UnclearWord
from app.services.pronunciation_engine.l1 import UZBEK_SOUNDS
from app.services.pronunciation_engine.phones import PhoneScore, WordPhones, plain_phone
from app.services.pronunciation_engine.pitch import Pitch, estimate_pitch
from app.services.pronunciation_engine.sound_patterns import (
    SoundExample,
    SoundPattern,
    find_sound_patterns,
)
from app.services.pronunciation_engine.sound_rules import SoundRule
from app.services.pronunciation_engine.summary import DeliverySummary, summarise
from app.services.pronunciation_engine.syllables import count_syllables
from app.services.pronunciation_engine.timing import LONG_PAUSE_MS, PAUSE_MS, Pause, Run, Timing

__all__ = [
    "LONG_PAUSE_MS",
    "PAUSE_MS",
    "UZBEK_SOUNDS",
    "Delivery",
    "DeliverySummary",
    "Intelligibility",
    "Pause",
    "PhoneScore",
    "Pitch",
    "Run",
    "SoundExample",
    "SoundPattern",
    "SoundRule",
    "Timing",
    "UnclearWord",
    "WordPhones",
    "assess_delivery",
    "count_syllables",
    "estimate_pitch",
    "find_sound_patterns",
    "plain_phone",
    "summarise",
]
