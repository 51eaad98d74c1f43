"""What learners carry over from their first language, rules and hesitation words; Uzbek is the first pack."""

from pathlib import Path

from app.services.hybrid_analyzer.rules.pack import load_fillers, load_pack

_UZBEK = Path(__file__).with_name("uzbek.json")

UZBEK_RULES = (*load_pack(_UZBEK), *load_pack(_UZBEK.with_name("uzbek_suspects.json")))
"""Those of the second file are declared below what raises a finding alone."""

UZBEK_FILLERS = load_fillers(_UZBEK)
"""What speakers of Uzbek say while they search for a word, some of it borrowed from Russian."""

__all__ = ["UZBEK_FILLERS", "UZBEK_RULES"]
