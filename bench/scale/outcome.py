"""What a simulated day says: one row for each resource, and the figures of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.scale.figures import SERVICES, Assumptions, Measured
from bench.scale.formulas import quantile
from bench.scale.machines import Bill, bill, recorded_share
from bench.scale.nation import Demand, Simulated
from bench.scale.network import EVENT_STORE, GATEWAY, RENDERING, ROOMS, STREAMS, TERM
from bench.scale.sizing import SHARE
from bench.scale.stations import SLOT_SECONDS

OWN = (GATEWAY, TERM, *SERVICES)
"""Programs of ours: each process works on one processor at a time."""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource at the peak hour. ``utilisation``: of its servers or places; waits in seconds; ``usd``: a month."""

    name: str
    servers: int
    unit: str
    utilisation: float
    wait_p50: float
    wait_p99: float
    cores: float
    usd: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A day, judged."""

    demand: Demand
    simulated: Simulated
    rows: list[Row]
    bill: Bill

    @property
    def bottleneck(self) -> Row:
        """What is full first when the load grows and the layout stays: the highest utilisation."""
        return max(self.rows, key=lambda row: row.utilisation)

    @property
    def dearest(self) -> Row:
        """What takes most processors."""
        return max(self.rows, key=lambda row: row.cores)


def judge(demand: Demand, day: Simulated, assumptions: Assumptions, measured: Measured) -> Outcome:
    """Rows and bill of a simulated day."""
    paid = bill(day, assumptions, measured)
    per_core = assumptions.machines["usd_per_month"] / assumptions.machines["cores"] / assumptions.targets["utilisation"]
    rows = [_station(day, name, paid.cores.get(name, 0.0), per_core) for name in day.network.stations]
    rows += [_places(day, name, paid.cores.get("sfu", 0.0) if name == ROOMS else 0.0, per_core) for name in day.network.places]
    rows.append(_rendering(day, paid.cores[RENDERING], per_core))
    rows += _room_bounds(day, assumptions)
    return Outcome(demand, day, [row for row in rows if row.servers], paid)


def _station(day: Simulated, name: str, cores: float, per_core: float) -> Row:
    station = day.network.stations[name]
    servers = station.servers or 0
    unit = "writer" if name == EVENT_STORE else "processes" if name in OWN else "cores"
    used = day.load_of(name) / servers if servers else 0.0
    return Row(name, servers, unit, used, *_waits(station.waits), cores, cores * per_core)


def _rendering(day: Simulated, cores: float, per_core: float) -> Row:
    stations = day.network.rendering
    servers = sum(station.servers or 0 for station in stations)
    waits = sorted(wait for station in stations for wait in station.waits)
    return Row(RENDERING, servers, "cells at once", day.rendering_load / servers, *_waits(waits), cores, cores * per_core)


def _room_bounds(day: Simulated, assumptions: Assumptions) -> list[Row]:
    """What else bounds room machines. Nothing waits: recordings beyond are rendered after their end, pictures get worse."""
    machines, product = day.network.layout.room_machines, assumptions.product
    rooms = max(day.network.places[ROOMS].most[slot] for slot in day.peak_slots)
    followers = machines * int(product["followers_per_machine"])
    megabits = machines * int(assumptions.machines["network_gbit_per_second"] * 1000)
    followed = rooms * recorded_share(assumptions) / followers
    sent = rooms * product["room_mbit_per_second"] / megabits
    return [
        Row("followed recordings", followers, "places", followed, 0.0, 0.0, 0.0, 0.0),
        Row("room bandwidth", megabits, "Mbit/s", sent, 0.0, 0.0, 0.0, 0.0),
    ]


def _places(day: Simulated, name: str, cores: float, per_core: float) -> Row:
    places = day.network.places[name]
    count = places.count or 0
    slots = day.peak_slots
    # Rooms and streams are held for minutes: the most of them counts. Threads and workers come and go: the hour's mean does.
    mean = sum(places.held_seconds[slot] for slot in slots) / (len(slots) * SLOT_SECONDS)
    held = max(places.most[slot] for slot in slots) if name in {ROOMS, STREAMS} else mean
    used = held / count if count else 0.0
    return Row(name, count, "places", used, *_waits(places.waits), cores, cores * per_core)


def _waits(waits: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(waits)
    return quantile(ordered, 0.5), quantile(ordered, SHARE)


def figures(outcome: Outcome, assumptions: Assumptions) -> dict[str, object]:
    """The one line for machines."""
    day, paid, tallies = outcome.simulated, outcome.bill, outcome.simulated.tallies
    writer = next(row for row in outcome.rows if row.name == EVENT_STORE)
    return {
        "offices": outcome.demand.offices,
        "load": outcome.demand.load,
        "seed": outcome.demand.seed,
        "emissions": day.emissions,
        "emissions_peak_hour": round(max(map(day.day.rate, _half_hours(day)))),
        "rooms_peak": day.peak_of(ROOMS),
        "wait_p50_s": _rounded(_waits(tallies.requests.waits)[0]),
        "wait_p99_s": _rounded(_waits(tallies.requests.waits)[1]),
        "event_wait_p99_s": _rounded(_waits(tallies.events.waits)[1]),
        "room_wait_p99_s": _rounded(_waits(day.network.places[ROOMS].waits)[1]),
        "video_wait_p99_s": _rounded(_waits(tallies.videos.waits)[1]),
        "emission_wait_p99_s": _rounded(_waits(tallies.emissions.waits)[1]),
        "machines": paid.machines,
        "machines_by_group": paid.groups,
        "room_machines_needed": day.network.layout.room_machines,
        "cores_peak": round(sum(paid.cores.values()), 2),
        "first_bottleneck": outcome.bottleneck.name,
        "first_bottleneck_utilisation": round(outcome.bottleneck.utilisation, 3),
        "most_cores": outcome.dearest.name,
        "event_store_utilisation": round(writer.utilisation, 4),
        "storage_gb_year": round(paid.storage_gb_year, 1),
        "egress_gb_month": round(paid.egress_gb_month, 1),
        "cost_month_usd": round(paid.usd_month),
        "cost_month_brl": round(paid.usd_month * assumptions.machines["brl_per_usd"]),
    }


def _half_hours(day: Simulated) -> list[float]:
    return [day.day.opens + number * 1800 for number in range(len(day.day.weights))]


def _rounded(seconds: float) -> float:
    return round(seconds, 4)
