"""Language of an answer: normalising, disfluencies, declared rules, L1 packs, lexis, markers, structures.

Without a language model few of the errors are found, so a short list of findings is no evidence of accuracy.
"""

from app.services.hybrid_analyzer.analyzer import (
    DEFAULT_RULES,
    VOTED_RULES,
    Answered,
    LanguageAnalysis,
    LanguageAnalyzer,
    Mention,
    fill_in,
)
from app.services.hybrid_analyzer.better_version import BetterChange, BetterVersion, better_version
from app.services.hybrid_analyzer.disfluency import Disfluency
from app.services.hybrid_analyzer.findings import Criterion, Finding, Severity
from app.services.hybrid_analyzer.legible import Skipped
from app.services.hybrid_analyzer.lexis import hdd, mattr, mean_types_in_window, mtld
from app.services.hybrid_analyzer.markers import BASIC as BASIC_MARKERS
from app.services.hybrid_analyzer.ports import EditTagger, Parser, Token, TrigramModel, Vote
from app.services.hybrid_analyzer.range_profile import GrammarRange, SpokenUnit, VerbForms, grammar_range
from app.services.hybrid_analyzer.rules import MEASURED, Measured, Rule
from app.services.hybrid_analyzer.rules.standing import (
    Declared,
    Disputes,
    Standing,
    declared_rules,
    standings,
)
from app.services.hybrid_analyzer.rules.standing import State as RuleState
from app.services.hybrid_analyzer.vocabulary import (
    CefrProfile,
    FrequencyProfile,
    cefr_profile,
    frequency_profile,
)

__all__ = [
    "BASIC_MARKERS",
    "DEFAULT_RULES",
    "MEASURED",
    "VOTED_RULES",
    "Answered",
    "BetterChange",
    "BetterVersion",
    "CefrProfile",
    "Criterion",
    "Declared",
    "Disfluency",
    "Disputes",
    "EditTagger",
    "Finding",
    "FrequencyProfile",
    "GrammarRange",
    "LanguageAnalysis",
    "LanguageAnalyzer",
    "Measured",
    "Mention",
    "Parser",
    "Rule",
    "RuleState",
    "Severity",
    "Skipped",
    "SpokenUnit",
    "Standing",
    "Token",
    "TrigramModel",
    "VerbForms",
    "Vote",
    "better_version",
    "cefr_profile",
    "declared_rules",
    "fill_in",
    "frequency_profile",
    "grammar_range",
    "hdd",
    "mattr",
    "mean_types_in_window",
    "mtld",
    "standings",
]
