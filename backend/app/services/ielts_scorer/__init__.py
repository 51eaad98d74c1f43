"""Bands with their reasons: a ledger of observable features, a stated rule from ledger to band, an interval.

The wording of the features is ours. Half bands per criterion are our interpolation.
"""

from app.services.ielts_scorer.counterfactual import Change, Counterfactual, smallest_changes
from app.services.ielts_scorer.criteria import CRITERIA
from app.services.ielts_scorer.errors import ErrorDensity, error_density
from app.services.ielts_scorer.judgement import State
from app.services.ielts_scorer.rounding import RoundingPolicy, to_half_band
from app.services.ielts_scorer.sample import Evidence, Judgement, Measure, Sample
from app.services.ielts_scorer.scales import band_equivalent
from app.services.ielts_scorer.scorer import (
    METHOD_VERSION,
    CriterionResult,
    Overall,
    Score,
    bands_from_ledger,
    feature_states,
    score,
)

__all__ = [
    "CRITERIA",
    "METHOD_VERSION",
    "Change",
    "Counterfactual",
    "CriterionResult",
    "ErrorDensity",
    "Evidence",
    "Judgement",
    "Measure",
    "Overall",
    "RoundingPolicy",
    "Sample",
    "Score",
    "State",
    "band_equivalent",
    "bands_from_ledger",
    "error_density",
    "feature_states",
    "score",
    "smallest_changes",
    "to_half_band",
]
