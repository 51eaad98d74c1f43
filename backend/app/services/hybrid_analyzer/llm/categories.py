"""The ERRANT types (Bryant et al. 2017) that speech can show: no spelling, punctuation or capitals."""

from app.services.hybrid_analyzer.findings import Criterion
from app.services.hybrid_analyzer.rules.standing import Declared
from app.services.hybrid_analyzer.word_set import word_set

_ANY_EDIT = word_set("ADJ ADV CONJ DET NOUN NOUN:POSS OTHER PART PREP PRON VERB VERB:FORM VERB:TENSE")
_REPLACED_ONLY = word_set("ADJ:FORM MORPH NOUN:INFL NOUN:NUM VERB:INFL VERB:SVA WO")

CATEGORIES = frozenset(f"{edit}:{kind}" for edit in "MRU" for kind in _ANY_EDIT) | frozenset(
    f"R:{kind}" for kind in _REPLACED_ONLY
)

MAX_MODEL_CONFIDENCE = 0.8
"""What a model says of its own sureness is not measured: it counts no more than a rule needs to stand."""

_WORD_CHOICE = word_set("R:ADJ R:ADV R:MORPH R:NOUN R:OTHER R:VERB")


def criterion_of(category: str) -> Criterion:
    """Return the criterion a mistake of this type counts under: the choice of words, or grammar."""
    return "lexical_resource" if category in _WORD_CHOICE else "grammatical_range_accuracy"


def model_rule_id(category: str) -> str:
    """Return what stands for a rule's id in findings of this type that a model adds."""
    return f"LLM-{category.replace(':', '-')}"


MODEL_FINDINGS = tuple(
    Declared(model_rule_id(c), 1, "language_model", c, MAX_MODEL_CONFIDENCE) for c in sorted(CATEGORIES)
)
"""The types as learners may dispute them, like rules."""
