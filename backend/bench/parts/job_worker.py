"""The product's worker process with silent models and short work: `python -m bench.parts.job_worker SEED`.

Queue, lease, heartbeat and storage are the product's; a piece of work takes a time drawn by lot.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from app.config import Settings
from app.log import configure_logging
from app.modes.parent import end_with_parent
from app.services.analysis_coordinator import TurnAnalyzer
from app.workers.run import ThreadPool, work
from bench.parts.silent_engines import NoLanguage

SHORTEST_S, LONGEST_S = 0.1, 0.5

T = TypeVar("T")


class BusyPool(ThreadPool):
    """A pool in which every piece of work takes a while."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(1)
        self._dice = dice

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run `work` after that while."""
        seconds = self._dice.uniform(SHORTEST_S, LONGEST_S)

        def later() -> T:
            time.sleep(seconds)
            return work()

        return await super().__call__(later)


def main(seed: int) -> None:
    """Say on standard output that it is there, and work until told to stop or its parent is gone."""
    end_with_parent()
    configure_logging("warning", json_lines=False)
    sys.stdout.write(json.dumps({"up": True}) + "\n")
    sys.stdout.flush()
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    asyncio.run(work(Settings(), TurnAnalyzer(NoLanguage()), None, BusyPool(dice)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
