"""When emissions begin: the curve of a working day, for any number of offices and any load."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from bench.scale.figures import Assumptions

HALF_HOUR = 1800.0
HOUR = 3600.0
DAY = 86400.0
LAG = 900.0
"""Seconds from an emission's beginning until it weighs most: the peak is watched so much later than it begins."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's demand. ``total``: emissions that are expected; ``weights`` of its half hours from ``opens`` (seconds) on."""

    opens: float
    weights: tuple[float, ...]
    total: float

    @classmethod
    def of(cls, assumptions: Assumptions, offices: int, load: float) -> Day:
        """The demand of so many offices, of which the nation's have ``emissions_per_hour`` at load 1."""
        hours = len(assumptions.weights) * HALF_HOUR / HOUR
        share = offices / assumptions.nation["offices"]
        total = assumptions.nation["emissions_per_hour"] * hours * share * load
        return cls(assumptions.opens * HOUR, assumptions.weights, total)

    @property
    def closes(self) -> float:
        """Second of the day."""
        return self.opens + len(self.weights) * HALF_HOUR

    @property
    def peak(self) -> tuple[float, float]:
        """The hour in which most is going on: an hour after its emissions began, more or less (seconds of the day)."""
        pairs = [one + two for one, two in zip(self.weights, self.weights[1:], strict=False)]
        begins = self.opens + pairs.index(max(pairs)) * HALF_HOUR + LAG
        return begins, begins + HOUR

    def rate(self, second: float) -> float:
        """Emissions an hour that begin at a second of the day."""
        number = int((second - self.opens) // HALF_HOUR)
        if not 0 <= number < len(self.weights):
            return 0.0
        return self.total * self.weights[number] / sum(self.weights) * HOUR / HALF_HOUR

    def beginnings(self, chance: random.Random) -> Iterator[float]:
        """A Poisson process along the curve: seconds of the day, ascending."""
        whole = sum(self.weights)
        sums = [0.0, *accumulate(weight / whole * self.total for weight in self.weights)]
        reached = chance.expovariate(1.0)
        while reached < sums[-1]:
            number = bisect_right(sums, reached) - 1
            within = (reached - sums[number]) / (sums[number + 1] - sums[number])
            yield self.opens + (number + within) * HALF_HOUR
            reached += chance.expovariate(1.0)
