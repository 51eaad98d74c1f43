"""What a measured value is usually worth in bands: wide priors kept as data."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

_FILE = Path(__file__).with_name("scales.json")


@dataclass(frozen=True, slots=True)
class Scale:
    """A measure's way to bands. `points` are (band, value), values rising or falling throughout.

    `sigma` is the prior's width in bands. `ceiling` is the highest band the measure can speak for. `bundle`
    names what it measures together with others, so that correlated measures count once. A learner can set
    out to change what is `movable`; an opinion on the whole is not.
    """

    bundle: str
    unit: str
    sigma: float
    ceiling: float | None
    points: tuple[tuple[float, float], ...]
    movable: bool = True

    def to_band(self, value: float) -> float:
        """Return the band-equivalent of `value`, between the scale's ends."""
        rising = self.points[-1][1] > self.points[0][1]
        for (low_band, low), (high_band, high) in pairwise(self.points):
            if (value <= high) if rising else (value >= high):
                share = (value - low) / (high - low)
                return low_band + (high_band - low_band) * min(1.0, max(0.0, share))
        return self.points[-1][0]

    def at(self, band: float) -> float:
        """Return the value worth `band`, the nearest end's outside the scale."""
        first, last = self.points[0], self.points[-1]
        if band <= first[0]:
            return first[1]
        for (low_band, low), (high_band, high) in pairwise(self.points):
            if band <= high_band:
                return low + (high - low) * (band - low_band) / (high_band - low_band)
        return last[1]

    def speaks_for(self, value: float) -> bool:
        """Whether the value lies below the scale's ceiling, so that it tells bands apart."""
        return self.ceiling is None or self.to_band(value) < self.ceiling


@cache
def scales() -> dict[str, Scale]:
    """Return the scale of every measure."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: Scale(
            bundle=row["bundle"],
            unit=row["unit"],
            sigma=row["sigma"],
            ceiling=row["ceiling"],
            points=tuple((float(band), float(value)) for band, value in row["points"]),
            movable=row.get("movable", True),
        )
        for name, row in data["measures"].items()
    }


@cache
def bundles() -> dict[str, str]:
    """Return which criterion each bundle of measures speaks for."""
    found: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))["bundles"]
    return found


def band_equivalent(measure: str, value: float) -> float:
    """Return what a measured value is usually worth in bands. Raises KeyError where there is no scale."""
    return scales()[measure].to_band(value)
