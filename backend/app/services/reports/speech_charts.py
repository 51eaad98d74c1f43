"""Pronunciation and fluency: the numbers, and what the charts show."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from app.services.reports.material import ReportMaterial
from app.services.reports.printable import printable
from app.services.reports.wording import at, percent
from app.services.session_store import TurnRecord

MAX_ANSWERS = 16
"""The longest answers of a full test, in order; more rows could not be read."""
MAX_GUESSED = 8
MAX_HABITS = 3
MAX_PLACES = 3
LONG_PAUSE_MS = 1_000


def delivery_content(material: ReportMaterial) -> dict[str, Any]:
    """Return numbers, charts and words of how it sounded."""
    measures: Mapping[str, Any] = material.analysis["measures"]["whole"]
    pronunciation: Mapping[str, Any] = material.analysis["pronunciation"]
    answers = _charted(material.turns)
    longest = max((turn.end_ms - turn.start_ms for turn in answers), default=0)
    return {
        "numbers": [number for number in _numbers(measures, pronunciation["scores"]) if number is not None],
        "answers": [_answer(turn) for turn in answers],
        "longest_ms": longest,
        "guessed": [
            {"word": printable(word["word"], 40), "at": at(word["start_ms"])}
            for word in pronunciation["intelligibility"]["guessed_words"][:MAX_GUESSED]
        ],
        "habits": [
            _habit(pattern, uzbek=material.uzbek)
            for pattern in pronunciation["scores"]["sound_patterns"][:MAX_HABITS]
        ],
    }


def _charted(turns: Sequence[TurnRecord]) -> list[TurnRecord]:
    spoken = [t for t in turns if t.speaker == "learner" and t.part is not None and t.words]
    longest = sorted(spoken, key=lambda t: t.start_ms - t.end_ms)[:MAX_ANSWERS]
    return sorted(longest, key=lambda t: t.index)


def _answer(turn: TurnRecord) -> dict[str, Any]:
    """Return an answer as the charts draw it: stretches of speech in ms from its beginning."""
    spans = [
        [max(0, span["start_ms"] - turn.start_ms), max(0, span["end_ms"] - turn.start_ms)]
        for span in turn.spans
    ]
    return {
        "at": at(turn.start_ms),
        "seconds": f"{(turn.end_ms - turn.start_ms) / 1000:.0f} s",
        "length_ms": turn.end_ms - turn.start_ms,
        "spans": spans,
        "wpm": _rate(turn),
        "long_pauses": sum(later[0] - sooner[1] >= LONG_PAUSE_MS for sooner, later in pairwise(spans)),
    }


def _rate(turn: TurnRecord) -> int | None:
    """Return words a minute from the first word to the last, None for a handful of words."""
    spoken_ms = turn.words[-1]["end_ms"] - turn.words[0]["start_ms"]
    return round(len(turn.words) * 60_000 / spoken_ms) if spoken_ms > 2_000 else None


def _numbers(measures: Mapping[str, Any], scores: Mapping[str, Any]) -> list[dict[str, str] | None]:
    return [
        _number(measures["speech_rate_wpm"], "{:.0f}", "words a minute"),
        _number(measures["mean_length_run"], "{:.1f}", "syllables between pauses"),
        _number(measures["pause_mean_ms"], "{:.0f} ms", "mean pause"),
        _number(measures["filled_pauses"], "{:.0f}", "filled pauses (er, um)"),
        _number(scores.get("accuracy_score"), "{:.0f}", "accuracy of sounds, of 100"),
        _number(scores.get("prosody_score"), "{:.0f}", "stress and rhythm, of 100"),
        None
        if measures["unclear_share"] is None
        else {"value": percent(measures["unclear_share"]), "label": "words hard to recognise"},
    ]


def _number(value: float | None, shape: str, label: str) -> dict[str, str] | None:
    return None if value is None else {"value": shape.format(value), "label": label}


def _habit(pattern: Mapping[str, Any], *, uzbek: bool) -> dict[str, Any]:
    """Return a sound habit with the places where it showed; `/` marks sounds, `–` none."""
    return {
        "name": printable(pattern["name"], 80),
        "times": f"{pattern['count']} of {pattern['opportunities']}",
        "why": printable(pattern["explanation"], 300),
        "why_uz": printable(pattern["explanation_uz"], 300) if uzbek else None,
        "drill": printable(pattern["drill_hint"], 200),
        "places": [
            {
                "word": printable(place["word"], 40),
                "expected": printable(place["expected"] or "–", 10),
                "heard": printable(place["heard"] or "–", 10),
                "at": at(place["start_ms"]),
            }
            for place in pattern["examples"][:MAX_PLACES]
        ],
    }
