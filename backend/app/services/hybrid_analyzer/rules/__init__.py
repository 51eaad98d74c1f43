"""The core rules, one file a family; each is a declared `Rule` with examples that its test runs."""

from app.services.hybrid_analyzer.rules import agreement, missing_words, number, prepositions, verb_forms
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule

CORE_RULES: tuple[Rule, ...] = (
    *agreement.RULES,
    *missing_words.RULES,
    *number.RULES,
    *prepositions.RULES,
    *verb_forms.RULES,
)

__all__ = ["CORE_RULES", "Example", "Hit", "Rule"]
