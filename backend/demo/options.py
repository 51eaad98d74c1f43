"""The demo's command line, and what follows from the recordings it is given."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.recordings import Recording

EXAM_MODES = ("quick", "full", "part1", "part2", "part3")
CLOCKS = ("short", "standard")
QUICK_QUESTIONS = 7
"""Answers there is room for in a quick exam, the name not counted."""
ANSWER_MS = 45_000
"""What the interview lets one answer take."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. None: the demo chooses."""

    audio: tuple[Path, ...] = ()
    exam_mode: str | None = None
    clock: str | None = None
    seed: int = 1
    port: int = 0
    data_dir: Path | None = None
    as_json: bool = False


def parse(argv: Sequence[str]) -> Options:
    """Read the arguments. Leaves with SystemExit 2 when they do not fit."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode demo",
        description="An exam through the real socket, with a synthesised learner or with recordings.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--audio",
        nargs="+",
        action="extend",
        type=Path,
        default=[],
        metavar="FILE",
        help="recordings to speak instead, one for each question; what an answer has no time for goes on "
        "as the next one",
    )
    parser.add_argument(
        "--exam-mode", choices=EXAM_MODES, help="default: quick, or full if recordings need it"
    )
    parser.add_argument("--clock", choices=CLOCKS, help="default: short, or standard with recordings")
    parser.add_argument("--seed", type=int, default=1, help="another number is another synthesised learner")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="keep database, audio and report there")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    known = parser.parse_args(argv)
    return Options(
        audio=tuple(known.audio),
        exam_mode=known.exam_mode,
        clock=known.clock,
        seed=known.seed,
        port=known.port,
        data_dir=known.data_dir,
        as_json=known.json,
    )


def exam_mode(options: Options, recordings: Sequence[Recording]) -> str:
    """Return the mode asked for, else the shortest in which all recordings can be spoken."""
    if options.exam_mode is not None:
        return options.exam_mode
    answers = sum(max(r.stretches, -(-r.duration_ms // ANSWER_MS)) for r in recordings)
    return "quick" if answers <= QUICK_QUESTIONS else "full"


def exam_clock(options: Options) -> str:
    """Return the clock asked for, else the short one, but not for recordings: they must not be cut."""
    return options.clock or ("standard" if options.audio else "short")
