"""Bands with their ranges, what each rests on, and how they went over sessions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.services.reports.material import ReportMaterial
from app.services.reports.printable import printable
from app.services.reports.wording import CRITERIA, at, band

MAX_FEATURES = 2
MAX_QUOTES = 2
MAX_SESSIONS = 6


def overall_content(overall: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Speaking band; `band` is None where there was too little speech for one."""
    return {
        "band": band(overall["band"]),
        "value": overall["band"],
        "low": overall["band_low"],
        "high": overall["band_high"],
        "range": _range(overall["band_low"], overall["band_high"]),
        "strict": band(overall["band_strict"]),
    }


def criteria_content(criteria: Mapping[str, Mapping[str, Any]], *, uzbek: bool) -> list[dict[str, Any]]:
    """Return the four criteria in the order of the test report, explained in Uzbek too if so wished."""
    return [_criterion(title, criteria[name], uzbek=uzbek) for name, title in CRITERIA.items()]


def _criterion(title: str, criterion: Mapping[str, Any], *, uzbek: bool) -> dict[str, Any]:
    low, high = criterion["interval"] or (None, None)
    raised = criterion["would_raise"]
    return {
        "name": title,
        "band": band(criterion["band"]),
        "value": criterion["band"],
        "low": low,
        "high": high,
        "range": _range(low, high),
        "explanation": printable(criterion["explanation"], 1_500),
        "explanation_uz": printable(criterion["explanation_uz"], 1_500)
        if uzbek and "explanation_uz" in criterion
        else None,
        "carries": _features(criterion["features"], helping=True),
        "holds_back": _features(criterion["features"], helping=False),
        "raise": printable(raised[0]["text"]) if raised else None,
    }


def _range(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else f"{low:.1f} to {high:.1f}"


def _features(features: Sequence[Mapping[str, Any]], *, helping: bool) -> list[dict[str, Any]]:
    """Return the features that decided most on one side, each with quotes no other one shows."""
    shown: set[str] = set()
    chosen: list[dict[str, Any]] = []
    for feature in features:
        if len(chosen) == MAX_FEATURES or _helps(feature) is not helping:
            continue
        quotes = list(_quotes(feature["evidence"], shown))[:MAX_QUOTES]
        if quotes:
            shown.update(quote["text"] for quote in quotes)
            chosen.append({"text": printable(_named(feature)), "quotes": quotes})
    return chosen


def _helps(feature: Mapping[str, Any]) -> bool | None:
    """Return whether a feature speaks for the learner, None where it says nothing."""
    match feature["polarity"], feature["state"]:
        case "positive", "met":
            return True
        case ("limiting", "met" | "partly") | ("positive", "partly"):
            return False
        case _:
            return None


def _named(feature: Mapping[str, Any]) -> str:
    """Return a feature in its own words, with how far it goes where it is not simply there."""
    text = feature["text"]
    match feature["polarity"], feature["state"]:
        case "positive", "partly":
            return f"Only partly: {text}"
        case "limiting", "partly":
            return f"At times: {text}"
        case _:
            return f"{text[:1].upper()}{text[1:]}"


def _quotes(evidence: Sequence[Mapping[str, Any]], shown: set[str]) -> Iterator[dict[str, Any]]:
    seen = set(shown)
    for place in evidence:
        text = printable(place["quote"], 100)
        if text and text not in seen:
            seen.add(text)
            yield {"text": text, "at": at(place["start_ms"])}


def history_content(material: ReportMaterial) -> list[dict[str, Any]]:
    """Return the overall bands of the last sessions that the same method scored, oldest first.

    Empty unless there are two at least: one point is no development.
    """
    scored = [
        (f"{earlier.ended_at:%d.%m.}" if earlier.ended_at else "earlier", earlier.result["overall"])
        for earlier in material.earlier
        if earlier.method_version == material.analysis["method_version"]
    ][: MAX_SESSIONS - 1]
    points = [*reversed(scored), ("this test", material.analysis["overall"])]
    known = [
        {
            "label": label,
            "band": band(overall["band"]),
            "value": overall["band"],
            "low": overall["band_low"],
            "high": overall["band_high"],
        }
        for label, overall in points
        if overall["band"] is not None
    ]
    return known if len(known) > 1 else []
