"""The scheduler that a learner has chosen."""

from collections.abc import Mapping

from app.services.training_engine.fsrs import Fsrs
from app.services.training_engine.memory import Algorithm, Scheduler
from app.services.training_engine.sm2 import Sm2

_SCHEDULERS: Mapping[Algorithm, Scheduler] = {"sm2": Sm2(), "fsrs": Fsrs()}


def scheduler_named(name: Algorithm) -> Scheduler:
    """Return the scheduler of that name."""
    return _SCHEDULERS[name]
