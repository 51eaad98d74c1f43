"""The arguments of the evaluations that read rated speech, and can fit weights with it."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

MAX_JOBS = 4


def rated_arguments(argv: Sequence[str], command: str, description: str | None) -> argparse.Namespace:
    """Read the arguments of `--mode evaluate COMMAND`; those that do not go together end the process.

    `jobs` of the result is at least 1.
    """
    parser = argparse.ArgumentParser(
        prog=f"run.py --mode evaluate {command}", description=description, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, metavar="CORPUS_DIR", help="the corpus")
    parser.add_argument("--labels", type=Path, metavar="FILE.jsonl", help="recordings, ratings and speakers")
    parser.add_argument("--split", choices=["train", "test"], default="test", help="without --labels (test)")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes (one a core, at most 4)")
    parser.add_argument("--cross-validate", type=int, default=0, metavar="K", help="folds of the given rows")
    parser.add_argument("--train", type=Path, metavar="FILE.npz", help="fit and write the weights")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    if given.cross_validate == 1 or given.cross_validate < 0:
        parser.error("--cross-validate takes two folds or more.")
    if (given.train or given.cross_validate) and given.labels is None and given.split != "train":
        parser.error("Weights are fitted on --split train only.")
    if given.jobs < 0:
        parser.error("--jobs takes one process or more.")
    given.jobs = given.jobs or min(MAX_JOBS, os.cpu_count() or 1)
    return given
