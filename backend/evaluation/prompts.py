"""`--mode evaluate prompts`: every version of every prompt, rendered with its example, held against the lock.

`valid` is whether a prompt reads, fits our types, renders, and is word for word what was released under its
version. `--release` writes new versions into the lock; what is in it never changes.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from app.config import PROMPTS, RELEASED_PROMPTS
from app.contracts import CONTRACTS
from app.services.prompt_manager import (
    PromptBook,
    PromptInvalid,
    Released,
    changed,
    read_folder,
    read_released,
    with_new,
    write_released,
)


def report(book: PromptBook, released: Released) -> dict[str, Any]:
    """Return name, version, hash and validity of every prompt; the book has rendered them all."""
    return {
        "prompts": [
            {
                "name": prompt.name,
                "version": prompt.version,
                "sha256": prompt.sha256,
                "valid": not changed([prompt], released),
            }
            for prompt in book.prompts
        ]
    }


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0 if every prompt is valid, 1 if not, 2 if one cannot be used at all."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate prompts", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--release", action="store_true", help="write new versions into the lock")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    try:
        book = PromptBook(read_folder(PROMPTS), CONTRACTS)
        released = read_released(RELEASED_PROMPTS)
    except (PromptInvalid, ValueError) as wrong:
        sys.stderr.write(f"evaluate prompts: {wrong}\n")
        return 2
    if given.release:
        released = with_new(book.prompts, released)
        write_released(RELEASED_PROMPTS, released)
    for problem in changed(book.prompts, released):
        sys.stderr.write(f"evaluate prompts: {problem}\n")
    shown = report(book, released)
    sys.stdout.write(json.dumps(shown, indent=None if given.json else 2) + "\n")
    return 0 if all(prompt["valid"] for prompt in shown["prompts"]) else 1
