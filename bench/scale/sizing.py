"""The smallest layout that keeps the targets, from the peak on unlimited servers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from bench.scale.figures import SERVICES, Assumptions, Measured
from bench.scale.machines import rooms_per_machine
from bench.scale.nation import Demand, Simulated, simulate
from bench.scale.network import EVENT_STORE, ROOMS, STATIONS, STREAMS, TERM, TERM_WORKERS, THREADS, Layout
from bench.scale.stations import keeps

SHARE = 0.99
SERIAL = (EVENT_STORE,)
"""One writer, whatever is paid: their load has a limit, not a number of servers."""


def sized(demand: Demand, assumptions: Assumptions, measured: Measured) -> Layout:
    """Servers and places for which the peak hour keeps utilisation and p99 waits within the targets."""
    peak = simulate(demand, Layout.unbounded(), assumptions, measured, peak_only=True)
    servers = {name: 1 if name in SERIAL else servers_for(peak, name, assumptions) for name in STATIONS}
    # Each process of certification has one worker that makes terms.
    servers[TERM] = servers["certification"] = max(servers[TERM], servers["certification"])
    rooms = room_machines(peak, assumptions, measured)
    places = _places(peak, servers, assumptions) | {ROOMS: rooms * int(assumptions.product["rooms_per_instance"])}
    return Layout(servers, places, rooms, _cells_at_once(assumptions))


def _cells_at_once(assumptions: Assumptions) -> int:
    return max(1, int(assumptions.machines["cores"] / 2))


def room_machines(peak: Simulated, assumptions: Assumptions, measured: Measured) -> int:
    """How many machines carry the rooms and render what is recorded in them."""
    bound = min(rooms_per_machine(assumptions, measured).values()) * assumptions.targets["busiest_utilisation"]
    cells, chance = peak.network.rendering[0], random.Random(0)

    def rendered_in_time(machines: int) -> bool:
        picked = [(at, s) for at, s in zip(cells.arrivals, cells.services, strict=True) if chance.random() < 1 / machines]
        arrivals, services = [at for at, _ in picked], [s for _, s in picked]
        return keeps(_cells_at_once(assumptions), arrivals, services, 0.0, assumptions.targets["cell_wait_seconds"], SHARE)

    return smallest(max(1, math.ceil(peak.peak_of(ROOMS) / bound)), rendered_in_time)


def servers_for(peak: Simulated, station: str, assumptions: Assumptions) -> int:
    """The smallest number of servers of one station."""
    held, targets = peak.network.stations[station], assumptions.targets
    steady, load = peak.steady_of(station), peak.load_of(station)
    least = max(1, math.ceil(load / targets["utilisation"]), math.ceil(peak.busiest(station) / targets["busiest_utilisation"]))
    limit = targets["wait_seconds"]
    return smallest(least, lambda count: keeps(count, held.arrivals, held.services, steady, limit, SHARE))


def smallest(least: int, good: Callable[[int], bool]) -> int:
    """The smallest number from ``least`` on that is good; more never harms."""
    step, low, high = 1, least - 1, least
    while not good(high):
        low, high, step = high, high + step, step * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return high


def _places(peak: Simulated, servers: dict[str, int], assumptions: Assumptions) -> dict[str, int]:
    product = assumptions.product
    places = {f"{one} workers": servers[one] * int(product["service_workers"]) for one in SERVICES}
    places[TERM_WORKERS] = servers[TERM]
    places[THREADS] = servers["gateway"] * int(product["gateway_threads"])
    streams = int(product["streams_places"])
    places[STREAMS] = streams * max(1, math.ceil(peak.peak_of(STREAMS) / streams / assumptions.targets["utilisation"]))
    return places
