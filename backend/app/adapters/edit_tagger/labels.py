"""What the tagger can say: names in the order of the network's outputs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Labels:
    """`edits` change a word, `before` names words to put before it; the first of each is no change."""

    edits: tuple[str, ...]
    before: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote. Raises OSError, ValueError or KeyError for a bad file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(data["edits"]), tuple(data["before"]))

    def write(self, path: Path) -> None:
        """Write the names as JSON."""
        path.write_text(
            json.dumps({"edits": self.edits, "before": self.before}, indent=1) + "\n", encoding="utf-8"
        )
