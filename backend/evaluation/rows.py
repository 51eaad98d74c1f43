"""Reading JSON lines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class BadRows(ValueError):
    """A row that is not what the evaluation reads; the message names the line."""


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) for every line with content.

    Raises OSError, UnicodeDecodeError, or BadRows for a line that is no JSON object.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            raise BadRows(f"line {number} of {path} is no JSON") from None
        if not isinstance(row, dict):
            raise BadRows(f"line {number} of {path} is no JSON object")
        yield number, row
