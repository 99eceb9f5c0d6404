"""One simulated day on one layout."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.scale.day import Day
from bench.scale.figures import Assumptions, Measured
from bench.scale.journey import Journey, Tallies
from bench.scale.network import Layout, Network
from bench.scale.queueing import Simulation
from bench.scale.stations import SLOT_SECONDS, Station


@dataclass(frozen=True, slots=True)
class Demand:
    """What is simulated: offices, the multiple of today's load, the seed of all chance."""

    offices: int
    load: float
    seed: int

    def day(self, assumptions: Assumptions) -> Day:
        """Its curve."""
        return Day.of(assumptions, self.offices, self.load)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a day has left behind. ``slots``: five minutes each of the whole day."""

    day: Day
    network: Network
    tallies: Tallies
    emissions: int
    busiest_office: int

    @property
    def peak_slots(self) -> range:
        """The watched hour's."""
        begins, ends = self.day.peak
        return range(int(begins // SLOT_SECONDS), math.ceil(ends / SLOT_SECONDS))

    def peak_of(self, places: str) -> int:
        """The most places of a kind that were held at once, on the whole day."""
        return max(self.network.places[places].most)

    def load_of(self, station: str) -> float:
        """Servers of a station that were busy in the watched hour, on average."""
        return _busy([self.network.stations[station]], self.peak_slots) + self.steady_of(station)

    def busiest(self, station: str) -> float:
        """Servers of a station that were busy in the busiest five minutes of the day: at the opening, staff sign in."""
        held, places, steady = self.network.stations[station], self.network.places, self.network.steady_per(station)
        return max(
            busy / SLOT_SECONDS + sum(places[place].most[slot] * servers for place, servers in steady.items())
            for slot, busy in enumerate(held.busy)
        )

    @property
    def rendering_load(self) -> float:
        """Cells that were rendered at once in the watched hour, on all room machines together, on average."""
        return _busy(self.network.rendering, self.peak_slots)

    def steady_of(self, station: str) -> float:
        """Of these, what was not followed one by one."""
        return sum(self._held(place) * servers for place, servers in self.network.steady_per(station).items())

    def _held(self, place: str) -> float:
        most = self.network.places[place].most
        return max(most[slot] for slot in self.peak_slots)


def _busy(stations: Sequence[Station], slots: range) -> float:
    return sum(station.busy[slot] for station in stations for slot in slots) / (len(slots) * SLOT_SECONDS)


def simulate(
    demand: Demand, layout: Layout, assumptions: Assumptions, measured: Measured, *, peak_only: bool = False
) -> Simulated:
    """A whole day, or (``peak_only``) from the opening until the watched hour has ended."""
    day = demand.day(assumptions)
    network = Network(layout, assumptions, measured)
    journey = Journey(network, assumptions, measured)
    chance = random.Random(demand.seed)
    simulation = Simulation(demand.seed, day.peak)
    ends = day.peak[1] if peak_only else day.closes
    offices = _offices(demand.offices, assumptions.nation["office_spread"], chance)
    counts = [0] * demand.offices
    begun = 0
    lengths = assumptions.emission
    for at in day.beginnings(chance):
        remote, stopped = chance.random() < lengths["remote_share"], chance.random() < lengths["stopped_share"]
        counts[chance.choices(range(demand.offices), cum_weights=offices)[0]] += 1
        if at < ends:
            begun += 1
            simulation.add(at, journey.ways[remote, stopped])
    for _ in range(int(demand.offices * assumptions.nation["clerks_per_office"])):
        simulation.add(max(0.0, chance.gauss(day.opens, assumptions.sign_in_spread)), journey.clerk)
    simulation.run(day.peak[1] if peak_only else math.inf)
    return Simulated(day, network, journey.tallies, begun, max(counts))


def _offices(count: int, spread: float, chance: random.Random) -> Sequence[float]:
    """Sizes of the offices, summed up."""
    total, sums = 0.0, []
    for _ in range(count):
        total += chance.lognormvariate(0.0, spread)
        sums.append(total)
    return sums
