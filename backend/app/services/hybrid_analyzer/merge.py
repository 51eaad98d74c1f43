"""One place, one finding."""

from collections.abc import Iterable

from app.services.hybrid_analyzer.findings import Finding

_SEVERITY = {"high": 2, "medium": 1, "low": 0}


def overlapping(first: Finding, second: Finding) -> bool:
    """Whether two findings of one turn share characters."""
    return first.char_start < second.char_end and second.char_start < first.char_end


def same_correction(first: Finding, second: Finding) -> bool:
    """Whether two overlapping findings turn the answer into the same words.

    Each correction is set into what the other one quotes too, as far as that can be read off the quotes.
    """
    start, end = min(first.char_start, second.char_start), max(first.char_end, second.char_end)
    return _over(first, second, start, end) == _over(second, first, start, end)


def _over(finding: Finding, other: Finding, start: int, end: int) -> list[str]:
    """Return the words of the stretch `start` to `end` with the finding's correction in it."""
    before = other.quote[: max(0, finding.char_start - start)]
    after = other.quote[len(other.quote) - max(0, end - finding.char_end) :]
    return f"{before}{finding.correction}{after}".lower().split()


def _add_the_same(first: Finding, second: Finding) -> bool:
    """Whether of two neighbours the left one ends with the word the right one puts before its own.

    So `at` -> `in the` and `evening` -> `the evening` would together say `in the the evening`.
    """
    left, right = sorted((first, second), key=lambda f: f.char_start)
    if right.char_start - left.char_end > 1:
        return False
    said, put_before = left.correction.lower().split(), right.correction.lower().split()
    inserts = len(put_before) > 1 and put_before[1:] == right.quote.lower().split()
    return inserts and bool(said) and said[-1] == put_before[0]


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the strongest of findings that overlap or add the same word, in order of their place in the text.

    What a rule found stays before what only a language model says. Then severity decides, then confidence,
    then the better explanation (written for the learner's first language, then given in it), then the longer
    quote; the rule's id settles what is left, so that the result never depends on the order of findings.
    """
    ranked = sorted(
        findings,
        key=lambda f: (
            f.source == "llm",
            -_SEVERITY[f.severity],
            -f.confidence,
            not f.rule_id.startswith("UZ-"),
            f.explanation_uz is None,
            f.char_start - f.char_end,
            f.char_start,
            f.rule_id,
            f.correction,
            f.explanation,
        ),
    )
    kept: list[Finding] = []
    for finding in ranked:
        if not any(overlapping(finding, k) or _add_the_same(finding, k) for k in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda f: f.char_start))
