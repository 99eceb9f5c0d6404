"""Routes: the steps of jobs through stations and places."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.scale.stations import Places, Station


@dataclass(frozen=True, slots=True)
class Visit:
    """Be served at a station for a random time (exponential) of ``mean`` seconds; ``fixed``: always as long."""

    station: Station
    mean: float
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    """Get a home: one of so many machines, in turn. What begins from this job has the same."""

    machines: int


@dataclass(frozen=True, slots=True)
class VisitHome:
    """Be served for always as long at the station of the job's home."""

    stations: Sequence[Station]
    seconds: float


@dataclass(frozen=True, slots=True)
class Take:
    """Take one of the places, waiting for it if need be."""

    places: Places


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Give the place back."""

    places: Places


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time pass: gamma distributed around ``mean`` seconds with that ``shape`` (1 is exponential, more is steadier)."""

    mean: float
    shape: float = 4.0


@dataclass(frozen=True, slots=True)
class Begin:
    """Let another job begin along a route, beside this one."""

    route: Route


@dataclass(frozen=True, slots=True)
class Repeat:
    """Let a job begin along ``route`` every ``period`` seconds during a pause of random length; then go on."""

    route: Route
    period: float
    mean: float
    shape: float = 4.0


@dataclass(frozen=True, slots=True)
class Note:
    """Write into a tally how long this job waited, and how long it took, since the last note; ``whole``: since its beginning.

    Without a tally a new stretch begins.
    """

    tally: Tally | None = None
    whole: bool = False


Step = Visit | VisitHome | Settle | Take | GiveBack | Pause | Begin | Repeat | Note


@dataclass(slots=True, eq=False)
class Route:
    """Steps in order. Filled once, before the simulation begins; routes may name one another."""

    name: str
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Tally:
    """What a kind of job went through; within the watched time only."""

    name: str
    waits: array[float] = field(default_factory=lambda: array("f"))
    lasted: array[float] = field(default_factory=lambda: array("f"))
    count: int = 0
    """Of the whole day."""


class Job:
    """Somebody or something on its way."""

    __slots__ = ("begun", "home", "noted", "position", "route", "total", "waited")

    def __init__(self, route: Route, begun: float, home: int = 0) -> None:
        self.route = route
        self.home = home
        self.position = 0
        self.begun = begun
        self.noted = begun
        self.waited = 0.0
        self.total = 0.0
