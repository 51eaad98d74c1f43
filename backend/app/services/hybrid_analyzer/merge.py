"""One place, one finding."""

from collections.abc import Iterable

from app.services.hybrid_analyzer.findings import Finding

_SEVERITY = {"high": 2, "medium": 1, "low": 0}


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the strongest of findings that overlap, in order of their place in the text.

    Severity decides, then confidence, then the explanation written for the learner's own language, then the
    longer quote; the rule's id settles what is left, so that the result never depends on rule order.
    """
    ranked = sorted(
        findings,
        key=lambda f: (
            -_SEVERITY[f.severity],
            -f.confidence,
            not f.rule_id.startswith("UZ-"),
            f.char_start - f.char_end,
            f.char_start,
            f.rule_id,
        ),
    )
    kept: list[Finding] = []
    for finding in ranked:
        if all(finding.char_end <= k.char_start or finding.char_start >= k.char_end for k in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda f: f.char_start))
