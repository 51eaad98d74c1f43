"""Which account the database server runs as. PostgreSQL refuses to run as root."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

NOBODY = 65_534  # `nobody` and its group on Linux; no account has to be created


class RunAs(TypedDict, total=False):
    """Keyword arguments of subprocess that change the account; empty to keep one's own."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that own the database files."""

    uid: int
    gid: int

    @property
    def is_own(self) -> bool:
        """Whether this process already runs under the account."""
        return self.uid == os.geteuid()

    @property
    def run_as(self) -> RunAs:
        """What to pass to subprocess."""
        return {} if self.is_own else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, path: Path) -> None:
        """Create `path`, which must not exist, as a folder that only the account may enter."""
        path.mkdir(mode=0o700)
        if not self.is_own:
            os.chown(path, self.uid, self.gid)


def account_for(cluster: Path) -> Account:
    """Return the account for the database folder `cluster`, which need not exist yet.

    Root takes the owner of an existing folder, else nobody; everyone else keeps their own.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if cluster.exists():
        owner = cluster.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    return Account(NOBODY, NOBODY)
