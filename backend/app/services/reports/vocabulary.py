"""The vocabulary profile: which levels the words came from."""

from collections.abc import Mapping
from typing import Any

from app.services.reports.wording import percent

LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")


def vocabulary_content(measures: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the profile; None where there were too few words for one."""
    profile = measures["cefr_profile"]
    if profile is None:
        return None
    numbers = [(str(measures["words"]), "words"), (str(measures["types"]), "different words")]
    if measures["mattr50"] is not None:
        numbers.append((f"{measures['mattr50'] * 50:.0f}", "different in any 50"))
    numbers.append((str(measures["marker_types"]), "different linking words"))
    if measures["beyond_2k_share"] is not None:
        numbers.append((percent(measures["beyond_2k_share"]), "beyond the commonest 2,000"))
    return {
        "numbers": [{"value": value, "label": label} for value, label in numbers],
        "levels": [
            {"level": level, "share": profile["types"][level], "text": percent(profile["types"][level])}
            for level in LEVELS
        ],
    }
