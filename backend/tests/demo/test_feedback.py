import io
from typing import Any

import pytest

from demo import feedback
from demo.screen import Screen


def criterion(band: float | None, interval: list[float] | None, *quotes: str) -> dict[str, Any]:
    evidence = [{"quote": q, "turn_id": "t", "start_ms": 61_000, "end_ms": 62_000} for q in quotes]
    features = [{"id": "X", "state": "met", "evidence": evidence}]
    ways = [] if band is None else [{"text": f"Speaking up would bring this criterion to band {band + 0.5}."}]
    return {
        "band": band,
        "interval": interval,
        "features": features,
        "explanation": "Because.",
        "would_raise": ways,
    }


ANALYSIS: dict[str, Any] = {
    "status": "done",
    "result": {
        "overall": {"band": 5.5, "band_low": 5.0, "band_high": 6.0},
        "criteria": {
            "fluency_coherence": criterion(5.5, [5.0, 6.0], "and then I go"),
            "lexical_resource": criterion(6.0, [5.5, 6.5]),
            "grammatical_range_accuracy": criterion(None, [4.0, 6.0]),
            "pronunciation": criterion(None, None),
        },
        "strengths": [
            {
                "criterion": "lexical_resource",
                "text": "talks about many topics",
                "evidence": [{"quote": "embroidery", "turn_id": "t", "start_ms": 5_000, "end_ms": 6_000}],
            }
        ],
        "flags": [{"text": "Your long talk lasted 20 seconds."}],
        "disclaimer": "An estimate.",
        "next_steps": [{"text": "Say this three times."}],
    },
    "findings": [
        {
            "severity": severity,
            "confidence": 0.9,
            "start_ms": 3_000,
            "quote": quote,
            "correction": f"not {quote}",
            "explanation": "A reason.",
        }
        for severity, quote in (("low", "small thing"), ("high", "grave thing"))
    ],
}


def shown(analysis: dict[str, Any]) -> str:
    out = io.StringIO()
    feedback.show(Screen(out), analysis)
    return out.getvalue()


def test_bands_come_with_interval_and_evidence() -> None:
    text = shown(ANALYSIS)
    assert "Speaking band 5.5  (5.0 to 6.0)" in text
    assert "Fluency and coherence  5.5  (5.0 to 6.0)" in text
    assert "01:01  “and then I go”" in text
    assert "Pronunciation  not enough evidence" in text
    assert "Grammatical range and accuracy  4.0 to 6.0" in text
    assert "An estimate." in text
    assert "Lexical resource: talks about many topics\n    00:05  “embroidery”" in text
    assert "1. Say this three times." in text
    assert "Speaking up would bring this criterion to band 6.5." in text
    assert "What an examiner would notice" in text
    assert "Your long talk lasted 20 seconds." in text


def test_the_gravest_finding_comes_first_with_its_correction() -> None:
    text = shown(ANALYSIS)
    assert text.index("grave thing  →  not grave thing") < text.index("small thing")
    assert "What to work on (2 found)" in text


def test_a_failed_analysis_says_that_nothing_is_lost() -> None:
    assert "Nothing is lost" in shown({"status": "failed", "result": None, "findings": []})


@pytest.mark.parametrize(
    ("band", "interval", "expected"),
    [
        (6.0, [5.5, 6.5], "6.0  (5.5 to 6.5)"),
        (None, [4.0, 6.0], "4.0 to 6.0"),
        (None, None, "not enough evidence"),
        (6.0, None, "6.0"),
    ],
)
def test_bands_are_never_shown_surer_than_they_are(
    band: float | None, interval: list[float] | None, expected: str
) -> None:
    assert feedback.band_text(band, interval) == expected


def test_a_quote_is_shown_once() -> None:
    features = criterion(5.0, None, "same", "same", "other")["features"]
    assert [q["quote"] for q in feedback.quotes(features)] == ["same", "other"]
