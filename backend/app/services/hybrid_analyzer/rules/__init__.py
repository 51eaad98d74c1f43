"""The core rules, one file a family; each is a declared `Rule` with examples that its test runs."""

from pathlib import Path

from app.services.hybrid_analyzer.rules import (
    agreement,
    comparatives,
    determiners,
    missing_words,
    noun_phrases,
    number,
    prepositions,
    tense,
    verb_forms,
    verb_patterns,
)
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule
from app.services.hybrid_analyzer.rules.measured import Measured, read_measured
from app.services.hybrid_analyzer.rules.pack import load_pack

PHRASE_RULES = load_pack(Path(__file__).with_name("phrases.json"))
CONSTRUCTION_RULES = load_pack(Path(__file__).with_name("constructions.json"))

MEASURED = read_measured(Path(__file__).with_name("measured.json"))
"""Flags read by hand on learner speech and chat (ESLSpok, half of ErAConD, part of NICT-JLE), by rule."""

CORE_RULES: tuple[Rule, ...] = (
    *agreement.RULES,
    *comparatives.RULES,
    *CONSTRUCTION_RULES,
    *determiners.RULES,
    *missing_words.RULES,
    *noun_phrases.RULES,
    *number.RULES,
    *PHRASE_RULES,
    *prepositions.RULES,
    *tense.RULES,
    *verb_forms.RULES,
    *verb_patterns.RULES,
)

__all__ = ["CORE_RULES", "MEASURED", "Example", "Hit", "Measured", "Rule"]
