"""What speakers of one first language do with English sounds; Uzbek is the first pack."""

from pathlib import Path

from app.services.pronunciation_engine.sound_rules import load_sound_pack

_UZBEK = load_sound_pack(Path(__file__).with_name("uzbek.json"))
UZBEK_SOUNDS = _UZBEK.patterns
UZBEK_SOUND_DRILLS = _UZBEK.drill_only
UZBEK_WORD_STRESS = _UZBEK.word_stress

__all__ = ["UZBEK_SOUNDS", "UZBEK_SOUND_DRILLS", "UZBEK_WORD_STRESS"]
