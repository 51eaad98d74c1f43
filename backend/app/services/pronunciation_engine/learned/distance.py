"""Edit distance between two sequences of symbols."""

from collections.abc import Sequence

import numpy as np


def edit_distance(left: Sequence[int], right: Sequence[int]) -> int:
    """Levenshtein distance: the fewest substitutions, insertions and deletions; one row at a time."""
    row = np.arange(len(right) + 1)
    other = np.array(right, dtype=np.int64)
    for symbol in left:
        step = np.minimum(row[1:] + 1, row[:-1] + (other != symbol))
        fresh = np.concatenate(([row[0] + 1], step))
        at = np.arange(len(fresh))
        row = np.minimum.accumulate(fresh - at) + at
    return int(row[-1])
