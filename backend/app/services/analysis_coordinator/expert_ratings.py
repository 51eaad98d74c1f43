"""What the scores learned from experts' ratings may say about a band, and when they may say nothing.

On adults of the corpus that they were learned from, each scored by weights fitted without them, the
scores rank speakers like the experts (see docs/delivery.md). But those speakers read aloud, and their first
language was Mandarin: the ratings are a second opinion beside what was measured, never the only one.
"""

from collections.abc import Callable, Mapping, Sequence

from app.services.analysis_coordinator.evidence import Analysed, Examples, answer_openings
from app.services.analysis_coordinator.pronunciation_scores import SessionPronunciation
from app.services.ielts_scorer import Measure
from app.services.pronunciation_engine.learned import PronunciationScores

LEAST_HEARD_MS = 30_000
MOST_UNCLEAR_SHARE = 0.25
"""Of the answering time, in answers that could not be scored because of how they sounded."""

HIGHEST_ADULT_HZ = 280.0
"""None of 67 adults of the corpus speaks this high (median pitch), and only children do: the scores are not
for them. Most children speak lower and are not noticed."""

_RATINGS: Mapping[str, Callable[[PronunciationScores], float]] = {
    "rated_accuracy": lambda scores: scores.accuracy_score,
    "rated_pronunciation": lambda scores: scores.pronunciation_score,
}
_UNCLEAR = frozenset({"clipped", "asr_unreliable", "other_language", "two_voices", "child_voice"})


def rating_measures(
    turns: Sequence[Analysed], heard: SessionPronunciation, pitch_median_hz: float | None
) -> dict[str, Measure]:
    """Return the experts' likely ratings, 0-100, as measures; empty where they must not count."""
    lengths_ms = {turn.turn_id: turn.speech.end_ms - turn.speech.start_ms for turn, _ in turns}
    unclear_ms = sum(lengths_ms.get(turn_id, 0) for turn_id, r in heard.answers if r.reason in _UNCLEAR)
    if heard.scores is None or heard.heard_ms < LEAST_HEARD_MS:
        return {}
    if unclear_ms > MOST_UNCLEAR_SHARE * sum(lengths_ms.values()):
        return {}
    if pitch_median_hz is not None and pitch_median_hz > HIGHEST_ADULT_HZ:
        return {}
    return {
        name: Measure(value(heard.scores), examples.supporting, examples.opposing)
        for name, value in _RATINGS.items()
        for examples in [_examples(turns, heard, value)]
    }


def _examples(
    turns: Sequence[Analysed], heard: SessionPronunciation, value: Callable[[PronunciationScores], float]
) -> Examples:
    analyses = {turn.turn_id: analysis for turn, analysis in turns}
    return answer_openings(
        [(analyses[turn_id], value(r.scores)) for turn_id, r in heard.answers if r.scores is not None]
    )
