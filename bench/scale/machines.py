"""Machines, money and storage of a simulated day."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.scale.figures import Assumptions, Measured
from bench.scale.nation import Simulated
from bench.scale.network import CORES, RENDERING, ROOMS, STATIONS

GIGA = 1000.0
WEB = ("ingress", "gateway", "registry", "certification", "term", "conference", "media", "notify")
DATA = ("broker", "documents", "objects", "event store")


@dataclass(frozen=True, slots=True)
class Bill:
    """``groups``: machines by what they are for. ``storage_gb_year``: what a year leaves, one copy."""

    groups: dict[str, int]
    storage_gb_year: float
    egress_gb_month: float
    usd_month: float
    cores: dict[str, float]
    """Processors at the peak hour, by station."""

    @property
    def machines(self) -> int:
        """All of them."""
        return sum(self.groups.values())


def bill(day: Simulated, assumptions: Assumptions, measured: Measured) -> Bill:
    """What the day's peak takes in machines, and a month of such days in money."""
    machines, nation = assumptions.machines, assumptions.nation
    cores = processors(day, assumptions, measured)
    groups = _groups(day, cores, assumptions)
    storage = day.day.total * nation["working_days_per_year"] * gigabytes(assumptions, measured)
    egress = day.day.total * nation["working_days_per_month"] * _egress(assumptions, measured)
    held = storage / 2 * machines["copies"]
    usd = sum(groups.values()) * machines["usd_per_month"] + held * machines["disk_usd_per_gb_month"]
    return Bill(groups, storage, egress, usd + egress * machines["egress_usd_per_gb"], cores)


def processors(day: Simulated, assumptions: Assumptions, measured: Measured) -> dict[str, float]:
    """Busy processors at the peak hour, by station."""
    threads = assumptions.product["media_threads"]
    names = (CORES,) if day.network.layout.cores else STATIONS
    found = {name: day.load_of(name) for name in names} | {RENDERING: day.rendering_load * threads}
    if not day.network.layout.cores:
        found["sfu"] = day.peak_of(ROOMS) / measured["sfu.rooms_per_core"]
    return found


def rooms_per_machine(assumptions: Assumptions, measured: Measured) -> dict[str, float]:
    """How many rooms a room machine carries, by what bounds them."""
    machines, product, share = assumptions.machines, assumptions.product, assumptions.targets["utilisation"]
    recorded = recorded_share(assumptions)
    cpu = 1 / measured["sfu.rooms_per_core"] + recorded * measured["media.cpu_per_minute"] / 60
    return {
        "processors": machines["cores"] * share / cpu,
        "followed recordings": product["followers_per_machine"] / recorded,
        "UDP ports": product["rooms_per_instance"],
        "bandwidth": machines["network_gbit_per_second"] * 1000 * share / product["room_mbit_per_second"],
    }


def recorded_share(assumptions: Assumptions) -> float:
    """The share of the rooms in use in which it is being recorded."""
    lengths = assumptions.emission
    return lengths["recorded_minutes"] / (lengths["recorded_minutes"] + lengths["unrecorded_minutes"])


def gigabytes(assumptions: Assumptions, measured: Measured) -> float:
    """What one emission leaves on disks, on average: histories, documents, files, and the video of a remote one."""
    lengths = assumptions.emission
    video = (measured["media.playable_mb_per_minute"] + measured["media.original_mb_per_minute"]) * lengths["recorded_minutes"]
    small = measured["bytes.event_store"] + measured["bytes.documents"] + measured["bytes.objects"]
    return (small / 1e6 + video * lengths["remote_share"]) / GIGA


def _egress(assumptions: Assumptions, measured: Measured) -> float:
    """Gigabytes out to people for one emission: the room's two directions' one, and the video seen once."""
    lengths = assumptions.emission
    minutes = lengths["recorded_minutes"] + lengths["unrecorded_minutes"]
    room = assumptions.product["room_mbit_per_second"] / 8 * minutes * 60
    video = measured["media.playable_mb_per_minute"] * lengths["recorded_minutes"]
    return (room + video) * lengths["remote_share"] / GIGA


def _groups(day: Simulated, cores: dict[str, float], assumptions: Assumptions) -> dict[str, int]:
    machines, product = assumptions.machines, assumptions.product
    usable = machines["cores"] * assumptions.targets["utilisation"]
    rooms = day.peak_of(ROOMS)
    if day.network.layout.cores or (sum(cores.values()) <= usable and rooms <= product["followers_per_machine"]):
        return {"everything": 1}
    web = math.ceil(sum(cores[name] for name in WEB) / usable)
    data = math.ceil(sum(cores[name] for name in DATA) / usable)
    room = day.network.layout.room_machines
    spare = int(machines["spare"])
    return {
        "web": max(int(machines["least_web"]), web + spare),
        "room": max(int(machines["least_room"]), room + spare),
        "data": max(int(machines["least_data"]), data),
    }
