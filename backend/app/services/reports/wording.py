"""Names and numbers as a report prints them."""

from collections.abc import Mapping

from app.services.hybrid_analyzer import Criterion
from app.services.session_store import SessionMode
from app.services.training_engine.drills import DrillType
from app.services.training_engine.plan import ExamPractice, TalkMode

CRITERIA: Mapping[Criterion, str] = {
    "fluency_coherence": "Fluency and coherence",
    "lexical_resource": "Lexical resource",
    "grammatical_range_accuracy": "Grammatical range and accuracy",
    "pronunciation": "Pronunciation",
}
MODES: Mapping[SessionMode, str] = {
    "full": "Full test, parts 1 to 3",
    "part1": "Part 1, interview",
    "part2": "Part 2, long turn",
    "part3": "Part 3, discussion",
    "quick": "Quick test, all parts in short",
    "practice": "Practice, no exam timing",
}
DRILLS: Mapping[DrillType, str] = {
    "correct": "Put it right",
    "shadow": "Say it after the voice",
    "minimal_pairs": "Tell the sounds apart",
    "gap": "Fill the gap",
    "transform": "Turn the sentence round",
    "expand": "Say more",
    "paraphrase": "Say it in other words",
    "retell": "Tell it again, faster",
    "long_turn": "Talk for two minutes",
}
EXAMS: Mapping[ExamPractice, str] = {"quick": "Sit a quick test", "full": "Sit a full test"}
TALKS: Mapping[TalkMode, str] = {
    "part1": "Talk: Part 1",
    "part2": "Talk: Part 2, two minutes without a stop",
    "part3": "Talk: Part 3",
    "practice": "Talk: practise a topic, with corrections after each answer",
}


def at(ms: int | None) -> str | None:
    """Return a place in the recording as minutes and seconds, None without one."""
    return None if ms is None else f"{ms // 60_000}:{ms // 1000 % 60:02d}"


def length(ms: int) -> str:
    """Return a duration for a sentence."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def band(value: float | None) -> str | None:
    """Return a band as it is written, such as 6.5."""
    return None if value is None else f"{value:.1f}"


def percent(share: float) -> str:
    """Return a share of 0-1 as a whole percentage."""
    return f"{share * 100:.0f} %"
