"""All prompts of the product, and which version of one a learner gets."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from app.services.prompt_manager.contract import AnyContract
from app.services.prompt_manager.prompt import Prompt, PromptInvalid, read_prompt

SUFFIX = ".prompt"

Shares = Mapping[str, Mapping[int, int]]
"""By prompt name the percentage of learners that get a version; what is left gets the newest."""


class SharesInvalid(ValueError):
    """The shares name what does not exist, or more than a hundred percent."""


class PromptBook:
    """The prompts, each held against its contract."""

    def __init__(
        self, prompts: Iterable[Prompt], contracts: Iterable[AnyContract], shares: Shares | None = None
    ) -> None:
        """Raises PromptInvalid and SharesInvalid."""
        found: dict[str, dict[int, Prompt]] = defaultdict(dict)
        for prompt in prompts:
            if prompt.version in found[prompt.name]:
                raise PromptInvalid(f"{prompt.label} is there twice.")
            found[prompt.name][prompt.version] = prompt
        expected = {contract.name: contract for contract in contracts}
        if strange := sorted(set(found) - set(expected)):
            raise PromptInvalid(f"Nothing in the product asks {', '.join(strange)}.")
        if missing := sorted(set(expected) - set(found)):
            raise PromptInvalid(f"There is no prompt {', '.join(missing)}.")
        for name, versions in found.items():
            for prompt in versions.values():
                prompt.check(expected[name])
        self._versions = {name: dict(sorted(versions.items())) for name, versions in found.items()}
        self._shares = shares or {}
        self._check_shares()

    @property
    def prompts(self) -> Sequence[Prompt]:
        """Every version of every prompt, in order."""
        return [p for name in sorted(self._versions) for p in self._versions[name].values()]

    def choose(self, name: str, key: str) -> Prompt:
        """Return the version for `key`, a learner's or a session's id: always the same for the same key."""
        versions = self._versions[name]
        place = int.from_bytes(hashlib.sha256(f"{name}:{key}".encode()).digest()[:4]) % 100
        for version, percent in sorted(self._shares.get(name, {}).items()):
            if place < percent:
                return versions[version]
            place -= percent
        return versions[max(versions)]

    def _check_shares(self) -> None:
        for name, shares in self._shares.items():
            for version in shares:
                if version not in self._versions.get(name, {}):
                    raise SharesInvalid(f"There is no prompt {name}@{version} to give a share to.")
            if min(shares.values()) < 0 or sum(shares.values()) > 100:
                raise SharesInvalid(f"The shares of {name} are not percentages of one whole.")


def read_folder(folder: Path) -> list[Prompt]:
    """Read every `NAME.vVERSION.prompt` in `folder`. Raises PromptInvalid."""
    prompts = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            prompt = read_prompt(path.read_text(encoding="utf-8"), path.name)
        except (OSError, UnicodeDecodeError) as unreadable:
            raise PromptInvalid(f"{path.name} cannot be read: {unreadable}") from unreadable
        if path.name != f"{prompt.name}.v{prompt.version}{SUFFIX}":
            raise PromptInvalid(f"{path.name} holds {prompt.label}: call it by that name.")
        prompts.append(prompt)
    return prompts


def read_shares(text: str) -> Shares:
    """Read shares written as `review@1=20 follow_up@3=50`. Raises SharesInvalid."""
    shares: dict[str, dict[int, int]] = defaultdict(dict)
    for item in text.split():
        name, at, rest = item.partition("@")
        version, equals, percent = rest.partition("=")
        if not (name and at and equals and version.isdecimal() and percent.isdecimal()):
            raise SharesInvalid(f"{item} is not NAME@VERSION=PERCENT.")
        shares[name][int(version)] = int(percent)
    return dict(shares)
