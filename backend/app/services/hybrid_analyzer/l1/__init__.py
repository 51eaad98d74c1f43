"""Rules for what learners carry over from their first language; Uzbek is the first pack."""

from pathlib import Path

from app.services.hybrid_analyzer.rules.pack import load_pack

UZBEK_RULES = load_pack(Path(__file__).with_name("uzbek.json"))

__all__ = ["UZBEK_RULES"]
