"""How answers were spoken: intelligibility, pauses and rates, pitch. Never an accent score."""

from app.services.pronunciation_engine.alignment import (
    AlignedPhone,
    AlignedWord,
    Aligner,
    AlignmentFailed,
)
from app.services.pronunciation_engine.engine import Delivery, NotMeasured, assess_delivery
from app.services.pronunciation_engine.filled_pauses import FilledPause
from app.services.pronunciation_engine.guessing import (
    GUESSING_VERSION,
    GuessedWord,
    Guessing,
    compare_readings,
)
from app.services.pronunciation_engine.intelligibility import (
    Intelligibility,
    UnclearWord,
    judged_words,
)
from app.services.pronunciation_engine.l1 import UZBEK_SOUND_DRILLS, UZBEK_SOUNDS, UZBEK_WORD_STRESS
from app.services.pronunciation_engine.phones import PhoneScore, WordPhones, plain_phone
from app.services.pronunciation_engine.pitch import Pitch, measure_pitch
from app.services.pronunciation_engine.rhythm import Rhythm
from app.services.pronunciation_engine.sound_patterns import (
    SoundExample,
    SoundPattern,
    find_sound_patterns,
    find_stress_pattern,
)
from app.services.pronunciation_engine.sound_rules import SoundRule
from app.services.pronunciation_engine.stress import WordStress
from app.services.pronunciation_engine.summary import DeliverySummary, summarise
from app.services.pronunciation_engine.syllables import count_syllables
from app.services.pronunciation_engine.thresholds import THRESHOLDS
from app.services.pronunciation_engine.timing import LONG_PAUSE_MS, PAUSE_MS, Pause, Run, Timing

__all__ = [
    "GUESSING_VERSION",
    "LONG_PAUSE_MS",
    "PAUSE_MS",
    "THRESHOLDS",
    "UZBEK_SOUNDS",
    "UZBEK_SOUND_DRILLS",
    "UZBEK_WORD_STRESS",
    "AlignedPhone",
    "AlignedWord",
    "Aligner",
    "AlignmentFailed",
    "Delivery",
    "DeliverySummary",
    "FilledPause",
    "GuessedWord",
    "Guessing",
    "Intelligibility",
    "NotMeasured",
    "Pause",
    "PhoneScore",
    "Pitch",
    "Rhythm",
    "Run",
    "SoundExample",
    "SoundPattern",
    "SoundRule",
    "Timing",
    "UnclearWord",
    "WordPhones",
    "WordStress",
    "assess_delivery",
    "compare_readings",
    "count_syllables",
    "find_sound_patterns",
    "find_stress_pattern",
    "judged_words",
    "measure_pitch",
    "plain_phone",
    "summarise",
]
