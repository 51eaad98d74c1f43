"""Learned pronunciation scores of a whole session, and the sound habits that show in it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.pronunciation_engine import UZBEK_SOUNDS, SoundPattern, find_sound_patterns
from app.services.pronunciation_engine.learned import (
    METHOD_VERSION,
    STRETCH_S,
    PronunciationScores,
    Reason,
    SpeechResult,
    Status,
)
from app.services.speech import BYTES_PER_MS

SESSION_S = 40.0
"""Seconds of a session that are listened to at most. Listening takes a fifth of real time on one core, and a
learner shall not wait longer than 15 s for the analysis."""

SCALE = {"min": 0, "max": 100, "step": 0.1}


class SpeechAssessor(Protocol):
    """Scores free speech; CPU-bound."""

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        """How often a well-said phone (first) looks like another (second) that was not said, 0-1."""
        ...

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        """Score 16 kHz mono PCM16 that begins at `start_ms`, listening to at most `budget_s` of it."""
        ...


@dataclass(frozen=True, slots=True)
class SessionPronunciation:
    """Scores of the session and of each answer, by turn id; means are weighted by what was listened to."""

    status: Status
    reason: Reason | None = None
    scores: PronunciationScores | None = None
    heard_ms: int = 0
    answers: tuple[tuple[str, SpeechResult], ...] = ()
    patterns: tuple[SoundPattern, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; the words that patterns were looked for in are left out."""
        return {
            **_figures(self.status, self.reason, self.scores, self.heard_ms),
            "scale": SCALE,
            "model_version": METHOD_VERSION,
            "answers": [
                {"turn_id": turn_id, **_figures(r.status, r.reason, r.scores, r.heard_ms)}
                for turn_id, r in self.answers
            ],
            "sound_patterns": [asdict(pattern) for pattern in self.patterns],
        }


def session_pronunciation(
    turns: Sequence[LearnerTurn],
    audio: Callable[[int, int], bytes],
    assessor: SpeechAssessor | None,
    progress: Callable[[float], None],
) -> SessionPronunciation:
    """Score the answers in `turns`, in order; `progress` is told the share that is done, 0-1.

    Without an assessor the models could not be loaded, and the status says so.
    """
    if assessor is None:
        return SessionPronunciation("none", "unavailable")
    budgets = _budgets([turn.speech.end_ms - turn.speech.start_ms for turn in turns])
    answers: list[tuple[str, SpeechResult]] = []
    for number, (turn, budget_s) in enumerate(zip(turns, budgets, strict=True), start=1):
        if not budget_s:
            continue
        start_ms, end_ms = turn.speech.start_ms, turn.speech.end_ms
        pcm = audio(start_ms, end_ms)[: (end_ms - start_ms) * BYTES_PER_MS]
        answers.append((turn.turn_id, assessor.assess_speech(pcm, start_ms=start_ms, budget_s=budget_s)))
        progress(number / len(turns))
    words = [word for _, result in answers for word in result.words]
    patterns = find_sound_patterns(words, UZBEK_SOUNDS, assessor.confusions)
    return _together(tuple(answers), patterns, unheard=len(answers) < len(turns))


def _budgets(lengths_ms: Sequence[int]) -> list[float]:
    """Return how many seconds of each answer to listen to: a stretch of the longest answers, while they last.

    The other answers are not listened to: the listener takes no shorter stretches.
    """
    budgets, left = [0.0] * len(lengths_ms), SESSION_S
    for index in sorted(range(len(lengths_ms)), key=lambda i: -lengths_ms[i]):
        wanted = min(STRETCH_S, lengths_ms[index] / 1000)
        if wanted <= left:
            budgets[index], left = wanted, left - wanted
    return budgets


def _together(
    answers: tuple[tuple[str, SpeechResult], ...], patterns: tuple[SoundPattern, ...], *, unheard: bool
) -> SessionPronunciation:
    scored = [(r.scores, r.heard_ms) for _, r in answers if r.scores is not None]
    if not scored:
        reasons = Counter(r.reason for _, r in answers)
        reason = reasons.most_common(1)[0][0] if reasons else "insufficient_sample"
        return SessionPronunciation("none", reason, answers=answers)
    heard_ms = sum(weight for _, weight in scored)
    means = {
        name: round(sum(asdict(s)[name] * weight for s, weight in scored) / heard_ms, 1)
        for name in PronunciationScores.__dataclass_fields__
    }
    lacking = [r.reason for _, r in answers if r.status != "ok"]
    if unheard and not lacking:
        lacking = ["long_recording"]
    return SessionPronunciation(
        status="partial" if lacking else "ok",
        reason=Counter(lacking).most_common(1)[0][0] if lacking else None,
        scores=PronunciationScores(**means),
        heard_ms=heard_ms,
        answers=answers,
        patterns=patterns,
    )


def _figures(
    status: Status, reason: Reason | None, scores: PronunciationScores | None, heard_ms: int
) -> dict[str, Any]:
    values = dict.fromkeys(PronunciationScores.__dataclass_fields__) if scores is None else asdict(scores)
    return {"status": status, "reason": reason, **values, "heard_ms": heard_ms}
