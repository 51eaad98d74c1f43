"""Which findings are worth a learner's attention first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.services.hybrid_analyzer import Finding

_SEVERITY = {"high": 3.0, "medium": 2.0, "low": 1.0}


def weight(finding: Finding) -> float:
    """Return how much a finding matters: effect on understanding times how sure we are."""
    return _SEVERITY[finding.severity] * finding.confidence


def most_useful(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """Return at most `limit` findings, one a rule: weightiest first, repeated mistakes before single ones."""
    counts = Counter(f.rule_id for f in findings)
    ranked = sorted(
        findings, key=lambda f: (-counts[f.rule_id] * weight(f), -weight(f), f.turn_id, f.char_start)
    )
    chosen: dict[str, Finding] = {}
    for finding in ranked:
        chosen.setdefault(finding.rule_id, finding)
    return list(chosen.values())[:limit]


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as it is stored and served."""
    return asdict(finding)
