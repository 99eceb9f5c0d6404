"""How far a recording is rendered, as its process says after each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

LAST_CELLS = 4
"""By so many the speed is judged: a machine's load changes from minute to minute."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Moments in seconds since the epoch.

    All before ``rendered_until`` is rendered; ``seconds_per_cell`` is None where nothing was measured; ``slots`` cells are
    rendered at once on that machine.
    """

    rendered_until: float
    seconds_per_cell: float | None
    slots: int
    noted_at: float

    def after(self, earlier: Progress | None) -> Progress:
        """This, where ``earlier`` was said before: a successor that has not come as far again takes nothing back."""
        if earlier is None:
            return self
        pace = self.seconds_per_cell if self.seconds_per_cell is not None else earlier.seconds_per_cell
        return replace(self, rendered_until=max(self.rendered_until, earlier.rendered_until), seconds_per_cell=pace)


def pace(taken: Sequence[float]) -> float | None:
    """Seconds for a cell, by what the cells have taken so far, oldest first: the slowest of the last ones."""
    return max(taken[-LAST_CELLS:], default=None)
