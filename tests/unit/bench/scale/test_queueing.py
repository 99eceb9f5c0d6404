"""Queues of the simulation, against closed formulas."""

from __future__ import annotations

import random

import pytest

from bench.scale.formulas import erlang_c, mean_wait, wait_quantile
from bench.scale.queueing import Simulation
from bench.scale.routes import Begin, GiveBack, Note, Pause, Repeat, Route, Settle, Take, Tally, Visit, VisitHome
from bench.scale.stations import Places, Station, keeps, slowed

LONG = (0.0, 1e9)
ARRIVALS = 40_000
SERVICE = 1.0


def simulated(servers: int, offered: float, seed: int = 1) -> Station:
    """A queue M/M/c of many arrivals."""
    station = Station("queue", servers, 10)
    simulation, chance = Simulation(seed, LONG), random.Random(seed)
    route, at = Route("visit", [Visit(station, SERVICE)]), 0.0
    for _ in range(ARRIVALS):
        at += chance.expovariate(offered / SERVICE)
        simulation.add(at, route)
    simulation.run()
    return station


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.7), (2, 1.2), (5, 4.0)])
def test_waits_are_those_of_erlang(servers: int, offered: float) -> None:
    waits = sorted(simulated(servers, offered).waits)
    assert sum(waits) / len(waits) == pytest.approx(mean_wait(servers, offered, SERVICE), rel=0.12)
    assert sum(1 for wait in waits if wait > 0) / len(waits) == pytest.approx(erlang_c(servers, offered), rel=0.06)
    assert waits[int(0.95 * len(waits))] == pytest.approx(wait_quantile(servers, offered, SERVICE, 0.95), rel=0.12)


def test_known_arrivals_keep_the_limits_that_they_kept_when_they_were_simulated() -> None:
    unlimited, limited = Station("queue", None, 10), Station("queue", 3, 10)
    chance, at = random.Random(3), 0.0
    for _ in range(2000):
        at += chance.expovariate(2.5)
        service = chance.expovariate(1.0)
        unlimited.visit(at, service, watched=True)
        limited.visit(at, service, watched=True)
    limit = sorted(limited.waits)[1900]
    assert keeps(3, unlimited.arrivals, unlimited.services, 0.0, limit + 0.001, 0.95)
    assert not keeps(3, unlimited.arrivals, unlimited.services, 0.0, limit * 0.9, 0.95)
    assert not keeps(2, unlimited.arrivals, unlimited.services, 0.0, limit, 0.95)


def test_a_background_that_takes_half_of_the_servers_makes_services_twice_as_long() -> None:
    station = Station("queue", 4, 10)
    station.background.append(lambda _slot: 2.0)
    assert station.visit(0.0, 1.0, watched=True) == (0.0, 2.0)


def test_a_background_beyond_all_servers_leaves_a_fiftieth() -> None:
    assert slowed(4, 9.0) == pytest.approx(50.0)


def test_who_finds_no_place_waits_for_one_in_order() -> None:
    places, tally = Places("threads", 1, 10), Tally("held")
    simulation = Simulation(1, LONG)
    station = Station("work", None, 10)
    route = Route("hold", [Take(places), Visit(station, 10.0, fixed=True), GiveBack(places), Note(tally)])
    for at in (0.0, 1.0, 2.0):
        simulation.add(at, route)
    simulation.run()
    assert list(tally.waits) == [0.0, 9.0, 18.0]
    assert simulation.now == 30.0
    assert places.held == 0


def test_the_places_that_were_held_add_up_to_the_time_for_which_they_were() -> None:
    places = Places("rooms", 5, 10)
    simulation = Simulation(1, LONG)
    route = Route("hold", [Take(places), Visit(Station("work", None, 10), 10.0, fixed=True), GiveBack(places)])
    for at in (0.0, 5.0):
        simulation.add(at, route)
    simulation.run()
    assert sum(places.held_seconds) == 20.0
    assert max(places.most) == 2


def test_what_repeats_goes_on_beside_the_job_and_ends_with_its_pause() -> None:
    cells, after = Tally("cells"), Tally("after")
    simulation = Simulation(5, LONG)
    simulation.add(0.0, Route("meeting", [Repeat(Route("cell", [Note(cells)]), 16.0, 600.0), Note(after)]))
    simulation.run()
    assert cells.count == int(after.lasted[0] // 16.0)


def test_what_begins_beside_a_job_does_not_hold_it_up() -> None:
    tally, slow = Tally("events"), Station("slow", None, 10)
    simulation = Simulation(1, LONG)
    event = Route("event", [Visit(slow, 5.0, fixed=True), Note(tally)])
    own = Tally("own")
    simulation.add(0.0, Route("command", [Begin(event), Note(own)]))
    simulation.run()
    assert (own.lasted[0], tally.lasted[0]) == (0.0, 5.0)


def test_jobs_settle_on_machines_in_turn_and_stay_there() -> None:
    machines = [Station("machine", 1, 10) for _ in range(2)]
    simulation = Simulation(1, LONG)
    for _ in range(4):
        simulation.add(0.0, Route("recording", [Settle(2), VisitHome(machines, 3.0), VisitHome(machines, 3.0)]))
    simulation.run()
    assert [len(one.waits) for one in machines] == [4, 4]


def test_only_the_watched_time_is_kept_and_everything_is_counted() -> None:
    tally = Tally("watched")
    simulation = Simulation(1, (10.0, 20.0))
    for at in (5.0, 15.0, 25.0):
        simulation.add(at, Route("look", [Note(tally)]))
    simulation.run()
    assert (tally.count, len(tally.waits)) == (3, 1)


def test_the_same_seed_gives_the_same_waits_and_another_gives_others() -> None:
    def waits(seed: int) -> list[float]:
        station, simulation = Station("queue", 1, 10), Simulation(seed, LONG)
        for number in range(200):
            simulation.add(float(number), Route("visit", [Visit(station, 0.9), Pause(1.0)]))
        simulation.run()
        return list(station.waits)

    assert waits(1) == waits(1)
    assert waits(1) != waits(2)
