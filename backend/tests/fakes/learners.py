"""Learners of three levels, spoken: see learners.toml."""

import tomllib
from pathlib import Path

from app.services.analysis_coordinator import LearnerTurn
from tests.fakes.spoken import Voice, answers

LEVELS = ("weak", "medium", "strong")


def learner(level: str) -> tuple[LearnerTurn, ...]:
    """Return one learner's answers to a short test."""
    data = tomllib.loads(Path(__file__).with_name("learners.toml").read_text(encoding="utf-8"))[level]
    voice = Voice(data["syllables_per_second"], tuple(data["clarity"]))
    return answers([(a["part"], a["text"]) for a in data["answer"]], voice)
