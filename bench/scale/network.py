"""The resources of a layout: stations with servers, places that are held, and what is taken from them steadily."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.scale.day import DAY, HOUR
from bench.scale.figures import PHASES, SERVICES, Assumptions, Measured
from bench.scale.stations import SLOT_SECONDS, Background, Places, Station

SLOTS = int(DAY / SLOT_SECONDS)
INGRESS, GATEWAY, BROKER = "ingress", "gateway", "broker"
DOCUMENTS, OBJECTS, EVENT_STORE = "documents", "objects", "event store"
RENDERING, CORES, TERM = "rendering", "cores", "term"
STATIONS = (INGRESS, GATEWAY, *SERVICES, TERM, BROKER, DOCUMENTS, OBJECTS, EVENT_STORE)
ROOMS, THREADS, STREAMS, OPEN_ROOMS, TERM_WORKERS = "rooms", "gateway threads", "streams", "open rooms", "term workers"
SIGNED_IN = "clerks signed in"
ENGINES = {GATEWAY: "gateway", BROKER: "rabbitmq", DOCUMENTS: "documents", OBJECTS: "objects"}
PROGRAMS = ENGINES | {one: one for one in (*SERVICES, TERM)}
"""Under which name a station's processor time was measured."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Servers by station and places by name; an empty layout has as many of everything as is ever needed.

    ``room_machines``: each holds its rooms and renders what is recorded there (``cells_at_once``), since cells are rendered
    where the tracks lie. ``cores``: one machine on which everything shares so many processors.
    """

    servers: Mapping[str, int]
    places: Mapping[str, int]
    room_machines: int = 1
    cells_at_once: int | None = None
    cores: int | None = None

    @classmethod
    def unbounded(cls) -> Layout:
        """As many of everything as is ever needed."""
        return cls({}, {})

    @classmethod
    def one_machine(cls, cores: int, assumptions: Assumptions, measured: Measured) -> Layout:
        """As ``titular up`` starts it: one process of each, on shared processors."""
        product = assumptions.product
        places = {f"{one} workers": int(product["service_workers"]) for one in SERVICES}
        places |= {THREADS: int(product["gateway_threads"]), STREAMS: int(product["streams_places"]), TERM_WORKERS: 1}
        places |= {ROOMS: max(1, int(cores * measured["sfu.rooms_per_core"]))}
        return cls({CORES: cores, EVENT_STORE: 1}, places, 1, max(1, cores // 2), cores)


def ingress_seconds(assumptions: Assumptions, measured: Measured) -> float:
    """Processor seconds of TLS and forwarding for one request, its share of a new connection's handshake included."""
    requests = sum(measured[f"requests.{phase}"] + assumptions.pages[phase] for phase in PHASES)
    handshakes = assumptions.product["connections_per_emission"] / requests
    return assumptions.product["ingress_request_ms"] / 1000 + handshakes * measured["ingress.handshake"]


class Network:
    """All resources, wired to what takes from them steadily."""

    def __init__(self, layout: Layout, assumptions: Assumptions, measured: Measured) -> None:
        self.layout = layout
        self._assumptions = assumptions
        self._measured = measured
        names = [EVENT_STORE, CORES] if layout.cores else list(STATIONS)
        self.stations = {name: Station(name, layout.servers.get(name), SLOTS) for name in names}
        self.rendering = [Station(RENDERING, layout.cells_at_once, SLOTS) for _ in range(layout.room_machines)]
        held = (ROOMS, THREADS, STREAMS, OPEN_ROOMS, TERM_WORKERS, SIGNED_IN, *(f"{one} workers" for one in SERVICES))
        self.places = {name: Places(name, layout.places.get(name), SLOTS) for name in held}
        for name, station in self.stations.items():
            station.background += [_holding(self.places[place], servers) for place, servers in self.steady_per(name).items()]
        if layout.cores:
            self._render_gently(layout.cores)

    def station(self, name: str) -> Station:
        """Where what is asked of ``name`` is served."""
        return self.stations[name] if name in self.stations else self.stations[CORES]

    def _render_gently(self, cores: int) -> None:
        """Cells are rendered at a low priority (nice 10): what the others take of shared processors is gone for them."""
        shared, rendering = self.stations[CORES], self.rendering[0]
        per_cell = cores / (rendering.servers or 1)
        rendering.background.append(lambda slot: (shared.busy[max(0, slot - 1)] / SLOT_SECONDS + shared.steady(slot)) / per_cell)

    def steady_per(self, name: str) -> dict[str, float]:
        """Servers of a station that one held place takes steadily, by the place's name."""
        pages, measured = self._assumptions.pages, self._measured
        idle = pages["idle_per_clerk_hour"] / HOUR
        taken: dict[str, float] = {}
        if name == CORES:
            taken[ROOMS] = 1 / measured["sfu.rooms_per_core"]
            for one in (INGRESS, *PROGRAMS):
                for place, servers in self.steady_per(one).items():
                    taken[place] = taken.get(place, 0.0) + servers
        elif name == INGRESS:
            request = ingress_seconds(self._assumptions, measured)
            taken = {STREAMS: request / pages["emission_page_seconds"], ROOMS: 2 * request / pages["room_page_seconds"]}
            taken[SIGNED_IN] = request * idle
        elif name in PROGRAMS:
            program = PROGRAMS[name]
            parts, state = measured.cpu("parts", program), measured.cpu("state", program) + measured.cpu("room_parts", program)
            taken = {
                STREAMS: parts / pages["emission_page_seconds"],
                ROOMS: state / pages["room_page_seconds"],
                OPEN_ROOMS: measured.cpu("look", program),
                SIGNED_IN: measured.cpu("page", program) * idle,
            }
        return {place: servers for place, servers in taken.items() if servers}


def _holding(places: Places, servers: float) -> Background:
    return lambda _slot: places.held * servers
