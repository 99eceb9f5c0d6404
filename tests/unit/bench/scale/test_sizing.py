"""The smallest number of servers, and what a layout is made of."""

from __future__ import annotations

import pytest

from bench.scale.figures import PHASES, SERVICES, Assumptions, Measured
from bench.scale.machines import gigabytes, rooms_per_machine
from bench.scale.nation import Demand, simulate
from bench.scale.network import Layout
from bench.scale.outcome import judge
from bench.scale.sizing import sized, smallest

ASSUMED, MEASURED = Assumptions.read(), Measured.read()


@pytest.mark.parametrize("answer", [1, 2, 7, 64, 1000])
def test_the_smallest_number_is_found(answer: int) -> None:
    tried: list[int] = []

    def good(count: int) -> bool:
        tried.append(count)
        return count >= answer

    assert smallest(1, good) == answer
    assert len(tried) < 25


def test_nothing_below_the_least_is_tried() -> None:
    assert smallest(5, lambda count: count >= 2) == 5


def test_a_sized_layout_keeps_the_targets_on_the_whole_day() -> None:
    demand = Demand(50, 20.0, 1)
    layout = sized(demand, ASSUMED, MEASURED)
    outcome = judge(demand, simulate(demand, layout, ASSUMED, MEASURED), ASSUMED, MEASURED)
    assert outcome.bottleneck.utilisation <= 1.0
    assert all(row.utilisation <= ASSUMED.targets["utilisation"] * 1.1 for row in outcome.rows if row.cores)
    waits = {row.name: row.wait_p99 for row in outcome.rows}
    assert waits["gateway"] <= ASSUMED.targets["wait_seconds"] * 2
    assert waits["rendering"] <= ASSUMED.targets["cell_wait_seconds"]
    assert waits["rooms"] <= ASSUMED.targets["room_wait_seconds"]


def test_every_emission_that_begins_comes_to_its_end() -> None:
    day = simulate(Demand(200, 2.0, 1), Layout.unbounded(), ASSUMED, MEASURED)
    assert day.tallies.emissions.count == day.emissions
    assert day.tallies.videos.count == pytest.approx(day.emissions * ASSUMED.emission["remote_share"], rel=0.2)
    assert all(places.held == 0 for places in day.network.places.values())


def test_a_videos_gigabytes_are_most_of_what_an_emission_leaves() -> None:
    minutes = ASSUMED.emission["recorded_minutes"] * ASSUMED.emission["remote_share"]
    video = (MEASURED["media.playable_mb_per_minute"] + MEASURED["media.original_mb_per_minute"]) * minutes / 1000
    assert video <= gigabytes(ASSUMED, MEASURED) < 1.1 * video


def test_what_bounds_a_room_machine_is_named() -> None:
    bounds = rooms_per_machine(ASSUMED, MEASURED)
    assert bounds.keys() == {"processors", "followed recordings", "UDP ports", "bandwidth"}
    assert min(bounds.values()) > 1


def test_every_phase_was_measured_at_the_gateway_and_at_some_service() -> None:
    for phase in PHASES:
        assert MEASURED.cpu(phase, "gateway") > 0
        assert sum(MEASURED.get(f"calls.{phase}.{service}") for service in SERVICES) > 0
