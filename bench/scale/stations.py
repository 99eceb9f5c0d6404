"""Queues with servers, and places that are held: what jobs go through."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from heapq import heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.scale.routes import Job

SLOT_SECONDS = 300.0
"""Loads are kept for each five minutes of the day."""
MOST_TAKEN = 0.98
"""Of the servers, by the background: where it asks for more, what is followed goes on at a fiftieth of its speed."""
Background = Callable[[int], float]
"""Takes the slot of the day; returns servers."""


class Station:
    """Servers with one queue before them, first come, first served. ``servers`` None: as many as ever are needed."""

    def __init__(self, name: str, servers: int | None, slots: int) -> None:
        self.name = name
        self.servers = servers
        self.busy = array("d", bytes(8 * slots))
        """Seconds of service that began in each slot."""
        self.background: list[Background] = []
        """What is not followed one by one takes servers away all the time."""
        self.waits = array("f")
        """Of the visits within the watched time."""
        self.arrivals = array("d")
        self.services = array("f")
        """Of the same visits where ``servers`` is None, so that any number of servers can be tried on them."""
        self._free = [0.0] * (servers or 0)

    def visit(self, at: float, service: float, watched: bool) -> tuple[float, float]:
        """Serve one job that comes now; returns (its wait, the moment at which it is done)."""
        slot = min(len(self.busy) - 1, int(at / SLOT_SECONDS))
        self.busy[slot] += service
        if self.servers is None:
            if watched:
                self.arrivals.append(at)
                self.services.append(service)
                self.waits.append(0.0)
            return 0.0, at + service
        if self.background:
            service *= slowed(self.servers, self.steady(slot))
        free = self._free[0]
        begins = free if free > at else at
        done = begins + service
        heapreplace(self._free, done)
        if watched:
            self.waits.append(begins - at)
        return begins - at, done

    def steady(self, slot: int) -> float:
        """How many servers the background takes just now."""
        return sum(one(slot) for one in self.background)


def slowed(servers: int, steady: float) -> float:
    """How many times longer a service takes where ``steady`` of the servers are taken by something else."""
    return servers / max(servers - steady, (1 - MOST_TAKEN) * servers)


def keeps(servers: int, arrivals: Sequence[float], services: Sequence[float], steady: float, limit: float, share: float) -> bool:
    """Whether at least that share of known arrivals would wait no longer than ``limit`` seconds at so many servers."""
    free = [0.0] * servers
    factor = slowed(servers, steady)
    allowed = int((1 - share) * len(arrivals))
    for at, service in zip(arrivals, services, strict=True):
        begins = max(free[0], at)
        heapreplace(free, begins + service * factor)
        if begins - at > limit:
            allowed -= 1
            if allowed < 0:
                return False
    return True


class Places:
    """Places that jobs hold while they go on elsewhere: threads, workers, rooms. None: as many as ever are needed."""

    def __init__(self, name: str, count: int | None, slots: int) -> None:
        self.name = name
        self.count = count
        self.held = 0
        self.most = array("l", bytes(array("l").itemsize * slots))
        """The most that were held at once in each slot."""
        self.held_seconds = array("d", bytes(8 * slots))
        """How long places were held, all together, by the slot in which that is noticed."""
        self.waits = array("f")
        self._noticed = 0.0
        self._queue: deque[tuple[float, Job]] = deque()

    def take(self, at: float, job: Job, watched: bool) -> bool:
        """Take a place; False: the job waits, and goes on when :meth:`give_back` names it."""
        if self.count is not None and self.held >= self.count:
            self._queue.append((at, job))
            return False
        slot = self._notice(at)
        self.held += 1
        self.most[slot] = max(self.most[slot], self.held)
        if watched:
            self.waits.append(0.0)
        return True

    def give_back(self, at: float, watched: bool) -> Job | None:
        """Give a place back; the job that gets it, if one waited."""
        self._notice(at)
        if not self._queue:
            self.held -= 1
            return None
        since, job = self._queue.popleft()
        job.waited += at - since
        if watched:
            self.waits.append(at - since)
        return job

    def _notice(self, at: float) -> int:
        slot = min(len(self.most) - 1, int(at / SLOT_SECONDS))
        self.held_seconds[slot] += self.held * (at - self._noticed)
        self._noticed = at
        return slot
