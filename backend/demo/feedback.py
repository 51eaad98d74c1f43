"""Shows an analysis on the terminal: bands with their evidence, findings, what to do next."""

from collections.abc import Mapping, Sequence
from typing import Any

from demo.screen import Screen, minutes

CRITERIA = {
    "fluency_coherence": "Fluency and coherence",
    "lexical_resource": "Lexical resource",
    "grammatical_range_accuracy": "Grammatical range and accuracy",
    "pronunciation": "Pronunciation",
}
QUOTES_A_CRITERION = 3
MAX_FINDINGS = 12
SEVERITY = {"high": 0, "medium": 1, "low": 2}


def show(screen: Screen, analysis: Mapping[str, Any]) -> None:
    """Show a finished analysis; a failed one says so."""
    result = analysis.get("result")
    if analysis["status"] != "done" or result is None:
        screen.title("The analysis failed")
        screen.text("Nothing is lost: the recording and the transcript are stored.")
        return
    _show_bands(screen, result)
    _show_strengths(screen, result["strengths"])
    _show_flags(screen, result["flags"])
    _show_findings(screen, analysis["findings"])
    _show_next(screen, result["next_steps"])


def _show_bands(screen: Screen, result: Mapping[str, Any]) -> None:
    overall = result["overall"]
    interval = (overall["band_low"], overall["band_high"]) if overall["band_low"] is not None else None
    screen.title(f"Speaking band {band_text(overall['band'], interval)}")
    screen.text(result["disclaimer"])
    for name, title in CRITERIA.items():
        criterion = result["criteria"][name]
        screen.title(f"{title}  {band_text(criterion['band'], criterion['interval'])}")
        screen.text(criterion["explanation"])
        for evidence in quotes(criterion["features"]):
            screen.text(f"{_at(evidence['start_ms'])}“{evidence['quote']}”", indent=4)
        for way in criterion["would_raise"][:1]:
            screen.text(way["text"])


def _show_flags(screen: Screen, flags: Sequence[Mapping[str, Any]]) -> None:
    if flags:
        screen.title("What an examiner would notice")
    for flag in flags:
        screen.text(flag["text"])


def _show_strengths(screen: Screen, strengths: Sequence[Mapping[str, Any]]) -> None:
    if strengths:
        screen.title("What went well")
    for strength in strengths:
        screen.text(f"{CRITERIA[strength['criterion']]}: {strength['text']}")
        for evidence in quotes([strength])[:1]:
            screen.text(f"{_at(evidence['start_ms'])}“{evidence['quote']}”", indent=4)


def _show_findings(screen: Screen, findings: Sequence[Mapping[str, Any]]) -> None:
    screen.title(
        f"What to work on ({len(findings)} found)" if findings else "No mistakes were found for certain"
    )
    ranked = sorted(findings, key=lambda f: (SEVERITY.get(f["severity"], len(SEVERITY)), -f["confidence"]))
    for finding in ranked[:MAX_FINDINGS]:
        screen.text(f"{_at(finding['start_ms'])}{finding['quote']}  →  {finding['correction']}")
        screen.text(finding["explanation"], indent=4)
    if len(findings) > MAX_FINDINGS:
        screen.text(f"and {len(findings) - MAX_FINDINGS} more in the report.")


def _show_next(screen: Screen, steps: Sequence[Mapping[str, Any]]) -> None:
    if not steps:
        return
    screen.title("Next steps")
    for number, step in enumerate(steps, start=1):
        screen.text(f"{number}. {step['text']}")


def band_text(band: float | None, interval: Sequence[float] | None) -> str:
    """Return a band with its interval, an interval alone, or that there is too little to say."""
    if interval is None:
        return "not enough evidence" if band is None else f"{band:.1f}"
    between = f"{interval[0]:.1f} to {interval[1]:.1f}"
    return between if band is None else f"{band:.1f}  ({between})"


def quotes(features: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Choose different quotes of a criterion's evidence, features nearest the top of the list first."""
    chosen: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    for feature in features:
        for evidence in feature["evidence"]:
            if evidence["quote"] not in seen and len(chosen) < QUOTES_A_CRITERION:
                seen.add(evidence["quote"])
                chosen.append(evidence)
    return chosen


def _at(ms: int | None) -> str:
    return "" if ms is None else f"{minutes(ms)}  "
