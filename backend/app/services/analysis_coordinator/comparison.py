"""This test beside the learner's earlier ones: what rose, what fell, which mistakes came back.

Only sessions that were scored by the same method are compared, exams with exams and practice with practice:
a change of method is not progress, and a question tried five times is no test.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from app.services.analysis_store import EarlierAnalysis
from app.services.hybrid_analyzer import Finding
from app.services.ielts_scorer import CRITERIA, band_equivalent
from app.services.ielts_scorer.scales import scales

MIN_BANDS = 0.75
"""Measures that moved by less are left out: two recordings of one speaker differ that much."""

MAX_MEASURES = 3
MIN_WORDS = 150
"""Below this, a mistake that is not heard says nothing."""

Verdict = Literal["higher", "lower", "about_the_same", "not_comparable"]


def compare(
    document: Mapping[str, Any], findings: Sequence[Finding], earlier: Sequence[EarlierAnalysis]
) -> dict[str, Any] | None:
    """Hold an analysis document and its findings against `earlier` ones, newest first.

    Return None without a comparable one. Bands and measures are held against the newest; mistakes, by rule,
    against all: `came_back` were absent from the newest but heard before, `not_heard` were heard in the
    newest and not now. A band is `higher` or `lower` only where the ranges do not touch the other's band.
    """
    comparable = [e for e in earlier if _alike(e, document)]
    if not comparable:
        return None
    last = comparable[0]
    return {
        "with_session": str(last.session_id),
        "ended_at": None if last.ended_at is None else last.ended_at.isoformat(),
        "mode": last.mode,
        "sessions": len(comparable),
        "overall": _overall(last.result["overall"], document["overall"]),
        "criteria": {
            name: _criterion(last.result["criteria"][name], document["criteria"][name]) for name in CRITERIA
        },
        "measures": _measures(last.result["measures"]["whole"], document["measures"]["whole"]),
        "mistakes": _mistakes(Counter(f.rule_id for f in findings), document, comparable),
    }


def _alike(earlier: EarlierAnalysis, document: Mapping[str, Any]) -> bool:
    """Whether two sessions are of one kind and were scored alike, by a language model too or by none."""
    conditions, before = document["conditions"], earlier.result["conditions"]
    return (
        earlier.method_version == document["method_version"]
        and (earlier.mode == "practice") == (conditions["mode"] == "practice")
        and _judged(before) == _judged(conditions)
    )


def _judged(conditions: Mapping[str, Any]) -> bool:
    return bool(conditions.get("judge", {}).get("features_judged"))


def _criterion(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return _change(before["band"], before["interval"], now["band"], now["interval"])


def _overall(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    ranges = [[side["band_low"], side["band_high"]] for side in (before, now)]
    return _change(before["band"], ranges[0], now["band"], ranges[1])


def _change(
    before: float | None, before_range: list[float], now: float | None, now_range: list[float]
) -> dict[str, Any]:
    verdict: Verdict = "about_the_same"
    if before is None or now is None:
        verdict = "not_comparable"
    elif now > before_range[1] and before < now_range[0]:
        verdict = "higher"
    elif now < before_range[0] and before > now_range[1]:
        verdict = "lower"
    return {"before": before, "now": now, "verdict": verdict}


def _measures(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    moved = [
        (band_equivalent(name, now[name]) - band_equivalent(name, before[name]), name)
        for name in scales()
        if isinstance(before.get(name), int | float) and isinstance(now.get(name), int | float)
    ]
    told = {name: {"measure": name, "before": before[name], "now": now[name]} for _, name in moved}
    best = sorted(moved, key=lambda m: (-m[0], m[1]))
    return {
        "improved": [told[name] for change, name in best if change >= MIN_BANDS][:MAX_MEASURES],
        "declined": [told[name] for change, name in best[::-1] if change <= -MIN_BANDS][:MAX_MEASURES],
    }


def _mistakes(
    now: Mapping[str, int], document: Mapping[str, Any], comparable: Sequence[EarlierAnalysis]
) -> dict[str, list[dict[str, Any]]]:
    last, before = comparable[0].mistakes, Counter[str]()
    for session in comparable[1:]:
        before.update(session.mistakes)
    long_enough = document["measures"]["whole"]["words"] >= MIN_WORDS
    return {
        "came_back": _rules(now, [r for r in now if r not in last and before[r]]),
        "still_heard": _rules(now, [r for r in now if r in last]),
        "not_heard": _rules(last, [r for r in last if r not in now]) if long_enough else [],
    }


def _rules(counts: Mapping[str, int], rules: Sequence[str]) -> list[dict[str, Any]]:
    ranked = sorted(rules, key=lambda rule: (-counts[rule], rule))
    return [{"rule_id": rule, "count": counts[rule]} for rule in ranked]
