"""What a cell's picture may cost: less in two steps where rendering falls behind, and more again once it has caught up.

Sound is never touched, and no cell is left out. Cells of all steps have the same decoder parameters, so that they can be joined.
"""

from __future__ import annotations

from enum import IntEnum

QUICK_BEHIND_CELLS = 2.0
SPARSE_BEHIND_CELLS = 5.0
CAUGHT_UP_CELLS = 1.0


class Step(IntEnum):
    """Each with what was given up before it: the encoder's care, then every other picture."""

    FINE = 0
    QUICK = 1
    SPARSE = 2


def step_for(behind_cells: float, before: Step, lowest: Step = Step.SPARSE) -> Step:
    """The step of the next cell, where the one before was rendered in ``before`` and ``behind_cells`` wait.

    One step at a time, and up only when it has caught up, so that the picture does not change with every cell.
    """
    wanted = Step(sum(behind_cells > limit for limit in (QUICK_BEHIND_CELLS, SPARSE_BEHIND_CELLS)))
    if wanted > before:
        return min(Step(before + 1), lowest)
    if behind_cells <= CAUGHT_UP_CELLS:
        return Step(max(Step.FINE, before - 1))
    return min(before, lowest)
