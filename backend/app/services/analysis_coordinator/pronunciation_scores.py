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
    Steps,
)
from app.services.speech import BYTES_PER_MS

SESSION_S = 80.0
"""Seconds that are still listened to after a session. Listening takes a ninth of real time on one core, and a
learner shall not wait longer than 15 s for the analysis."""

SCALE = {"min": 0, "max": 100, "step": 0.1}


class SpeechAssessor(Protocol):
    """Scores free speech; CPU-bound. What is listened to whole scores the same by either way."""

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        """How often a well-said phone (first) looks like another (second) that was not said, 0-1."""
        ...

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        """Score 16 kHz mono PCM16 that begins at `start_ms`, listening to at most `budget_s` of it."""
        ...

    def listen(self, pcm: bytes, *, start_ms: int) -> Steps[SpeechResult]:
        """Score all of it, in steps of up to a second."""
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


def wants_listening(heard: SpeechResult | None) -> bool:
    """Say whether an answer has not been listened to by this version."""
    return heard is None or heard.method_version != METHOD_VERSION


def session_pronunciation(
    turns: Sequence[tuple[LearnerTurn, SpeechResult | None]],
    audio: Callable[[int, int], bytes],
    assessor: SpeechAssessor | None,
    progress: Callable[[float], None],
) -> SessionPronunciation:
    """Put together how the answers in `turns` sounded, in order, and listen to those that nobody heard yet.

    `progress` is told the share that is done, 0-1. Without an assessor the models could not be loaded, and
    the status says so unless all was heard during the talk.
    """
    missing = [turn for turn, heard in turns if wants_listening(heard)]
    if assessor is None and len(missing) == len(turns):
        return SessionPronunciation("none", "unavailable" if turns else "insufficient_sample")
    budgets = dict(zip([turn.turn_id for turn in missing], _budgets(missing), strict=True))
    answers: list[tuple[str, SpeechResult]] = []
    for number, (turn, heard) in enumerate(turns, start=1):
        result = None if wants_listening(heard) else heard
        if result is None and assessor is not None and (budget_s := budgets[turn.turn_id]):
            start_ms, end_ms = turn.speech.start_ms, turn.speech.end_ms
            pcm = audio(start_ms, end_ms)[: (end_ms - start_ms) * BYTES_PER_MS]
            result = assessor.assess_speech(pcm, start_ms=start_ms, budget_s=budget_s)
        if result is not None:
            answers.append((turn.turn_id, result))
        progress(number / len(turns))
    words = [word for _, result in answers for word in result.words]
    patterns = find_sound_patterns(words, UZBEK_SOUNDS, assessor.confusions) if assessor is not None else ()
    return _together(tuple(answers), patterns, unheard=len(answers) < len(turns))


def _budgets(turns: Sequence[LearnerTurn]) -> list[float]:
    """Return how many seconds of each answer to listen to: all of them, or a stretch of the longest ones.

    The other answers are then not listened to: the listener takes no shorter stretches.
    """
    lengths_s = [(turn.speech.end_ms - turn.speech.start_ms) / 1000 for turn in turns]
    if sum(lengths_s) <= SESSION_S:
        return [max(STRETCH_S, length_s) for length_s in lengths_s]
    budgets, left = [0.0] * len(lengths_s), SESSION_S
    for index in sorted(range(len(lengths_s)), key=lambda i: -lengths_s[i]):
        wanted = min(STRETCH_S, lengths_s[index])
        if wanted <= left:
            budgets[index], left = STRETCH_S, left - wanted
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
    # An answer too short to score is missed by nobody: its share of the mean would be next to nothing.
    lacking = [r.reason for _, r in answers if r.status != "ok" and r.reason != "insufficient_sample"]
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
