"""What falls, and when, where rendering falls behind."""

from __future__ import annotations

import pytest

from services.media.model.quality import Step, step_for


def steps(*behind: float) -> list[Step]:
    """Of cells rendered one after another, each with so many behind."""
    taken, step = [], Step.FINE
    for cells in behind:
        step = step_for(cells, step)
        taken.append(step)
    return taken


def test_who_keeps_up_loses_nothing() -> None:
    assert steps(0.1, 1.9, 0.1) == [Step.FINE] * 3


def test_first_the_preset_falls_and_then_the_pictures() -> None:
    assert steps(2.1, 3.0, 5.1) == [Step.QUICK, Step.QUICK, Step.SPARSE]


def test_one_step_at_a_time_however_far_it_is_behind() -> None:
    assert steps(40.0, 40.0, 40.0) == [Step.QUICK, Step.SPARSE, Step.SPARSE]


def test_it_rises_again_only_when_it_has_caught_up() -> None:
    assert steps(6.0, 6.0, 3.0, 1.5, 1.0, 0.5, 0.2) == [1, 2, 2, 2, 1, 0, 0]


@pytest.mark.parametrize("behind", [6.0, 200.0])
def test_a_long_rest_that_is_not_late_keeps_all_its_pictures(behind: float) -> None:
    assert step_for(behind, Step.QUICK, lowest=Step.QUICK) is Step.QUICK
