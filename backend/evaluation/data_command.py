"""The command line of the evaluations that read one file of data."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DataCommand:
    """`--mode evaluate NAME --data FILE [--json]`.

    `about` is the help's text, `metavar` and `rows` say what the file is. `evaluate` reads it and returns
    what is printed; of what it raises, `refused` is told to the caller in one sentence.
    """

    name: str
    about: str | None
    metavar: str
    rows: str
    evaluate: Callable[[Path], Mapping[str, Any]]
    refused: tuple[type[Exception], ...]

    def run(self, argv: Sequence[str]) -> int:
        """Return 0, or 2 with a sentence on standard error for input that cannot be read."""
        parser = argparse.ArgumentParser(
            prog=f"run.py --mode evaluate {self.name}", description=self.about, allow_abbrev=False
        )
        parser.add_argument("--data", type=Path, required=True, metavar=self.metavar, help=self.rows)
        parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
        given = parser.parse_args(argv)
        try:
            found = self.evaluate(given.data)
        except self.refused as problem:
            sys.stderr.write(f"evaluate {self.name}: {problem}\n")
            return 2
        shown = json.dumps(found, ensure_ascii=False, indent=None if given.json else 2)
        sys.stdout.write(shown + "\n")
        return 0
