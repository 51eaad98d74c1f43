"""How something stands that the process works with but could do without."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DependencyState:
    """Whether it works, and a few words for whoever is called when it does not."""

    works: bool
    note: str = ""
