"""The lock file of prompts: what was ever released under a name and version, by hash.

A text that was in use must stay what calls in the database say they used, so a change is a new version.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from app.services.prompt_manager.prompt import Prompt

Released = dict[str, str]
"""SHA-256 by label, such as review@1."""


def read_released(path: Path) -> Released:
    """Read the lock file; empty if there is none. Raises msgspec.DecodeError."""
    return msgspec.json.decode(path.read_bytes(), type=Released) if path.exists() else {}


def write_released(path: Path, released: Released) -> None:
    """Write the lock file, one line each, sorted."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(released, order="sorted"), indent=2) + b"\n")


def changed(prompts: Iterable[Prompt], released: Released) -> list[str]:
    """Return, one sentence each, which prompts are no longer what was released, or not released yet."""
    problems = []
    for prompt in prompts:
        known = released.get(prompt.label)
        if known is None:
            problems.append(f"{prompt.label} is new: release it with --mode evaluate prompts --release.")
        elif known != prompt.sha256:
            problems.append(
                f"The text of {prompt.label} has changed: make it version {prompt.version + 1} in a file "
                "of its own, or take the change back."
            )
    return problems


def with_new(prompts: Iterable[Prompt], released: Released) -> Released:
    """Return the lock with prompts that were not in it; what is in it stays."""
    return {**{prompt.label: prompt.sha256 for prompt in prompts}, **released}
