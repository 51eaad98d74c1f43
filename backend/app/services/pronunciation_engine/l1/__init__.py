"""What speakers of one first language do with English sounds; Uzbek is the first pack."""

from pathlib import Path

from app.services.pronunciation_engine.sound_rules import load_sound_rules

UZBEK_SOUNDS = load_sound_rules(Path(__file__).with_name("uzbek.json"))

__all__ = ["UZBEK_SOUNDS"]
