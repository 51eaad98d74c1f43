"""What an HTTP status of a model's provider means to us."""

import math
from collections.abc import Mapping

from app.services.language_model import LanguageModelUnavailable

_OVERLOADED = frozenset({429, 503, 529})
MAX_RETRY_AFTER_S = 3_600.0


def refusal(provider: str, status: int, headers: Mapping[str, str]) -> LanguageModelUnavailable:
    """Return the error for a reply with an error status. Its message holds no part of the reply's body, which
    may repeat the learner's words."""
    retry_after_s = _seconds(headers.get("retry-after"))
    if status in _OVERLOADED:
        return LanguageModelUnavailable(
            "overloaded", f"{provider} has no room (HTTP {status}).", retry_after_s=retry_after_s
        )
    if status >= 500 or status == 408:
        return LanguageModelUnavailable("unreachable", f"{provider} failed (HTTP {status}).")
    return LanguageModelUnavailable("refused", f"{provider} does not accept the request (HTTP {status}).")


def _seconds(text: str | None) -> float | None:
    """Read a Retry-After header that gives seconds; dates are not read."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return min(seconds, MAX_RETRY_AFTER_S) if math.isfinite(seconds) and seconds >= 0 else None
