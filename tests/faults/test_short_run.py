"""A short run of the fault suite: each service and engine killed once, and a sample of the other faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from tests.faults.plan import KILLED, make_plan
from tests.faults.report import show, summary
from tests.faults.run import Options, run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def test_nothing_is_lost_or_doubled_while_everything_is_killed_once(tmp_path: Path) -> None:
    options = Options(kills=len(KILLED), emissions=24, seed=127, others=3, workers=4, pause=0.5)
    result = run(options, tmp_path, lambda text: print(text, flush=True))
    show(result, Console(width=140))
    figures = summary(result)
    assert {name: figures[name] for name in ("lost", "doubled", "stuck", "left_behind", "wrong")} == {
        "lost": 0,
        "doubled": 0,
        "stuck": 0,
        "left_behind": 0,
        "wrong": 0,
    }


def test_the_same_seed_gives_the_same_plan() -> None:
    assert make_plan(60, 20, 7) == make_plan(60, 20, 7)
    assert make_plan(60, 20, 7) != make_plan(60, 20, 8)


def test_a_plan_has_the_kills_that_were_asked_for_each_process_among_them() -> None:
    plan = make_plan(200, 60, 1)
    kills = [fault.target for fault in plan if fault.kind == "kill"]
    assert len(kills) == 200
    assert set(kills) == set(KILLED)
    assert len(plan) == 260
