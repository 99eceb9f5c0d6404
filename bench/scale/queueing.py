"""A discrete-event simulation of jobs that go along routes through queues with servers.

On ``heapq`` and not on a library: SimPy 4.1 makes 170,000 visits a second on the machine of the measurements, and the largest day
has more than ten million. First come, first served lets a visit be settled when it begins: the job waits for the server that is
free first, so that a visit costs one event.
"""

from __future__ import annotations

import math
import random
from heapq import heappop, heappush

from bench.scale.routes import Begin, GiveBack, Job, Note, Pause, Repeat, Route, Settle, Step, Take, Visit, VisitHome


class Simulation:
    """Jobs on their routes. The same seed and the same additions give the same figures."""

    def __init__(self, seed: int, watched: tuple[float, float]) -> None:
        self.now = 0.0
        self._random = random.Random(f"service times, {seed}")
        self._watched = watched
        self._agenda: list[tuple[float, int, Job]] = []
        self._number = 0
        self._settled = 0

    def add(self, at: float, route: Route) -> None:
        """A job that begins then."""
        self._go_on(at, Job(route, at))

    def run(self, until: float = math.inf) -> None:
        """Until nothing is left to be done, or until that moment."""
        agenda = self._agenda
        while agenda and agenda[0][0] <= until:
            at, _, job = heappop(agenda)
            self.now = at
            self._advance(at, job)

    def _go_on(self, at: float, job: Job) -> None:
        self._number += 1
        heappush(self._agenda, (at, self._number, job))

    def _advance(self, at: float, job: Job) -> None:
        """Go along the route until time passes."""
        watched = self._watched[0] <= at < self._watched[1]
        steps = job.route.steps
        while job.position < len(steps):
            step = steps[job.position]
            job.position += 1
            if type(step) is Visit:
                service = step.mean if step.fixed else -math.log(1.0 - self._random.random()) * step.mean
                waited, done = step.station.visit(at, service, watched)
                job.waited += waited
                return self._go_on(done, job)
            if type(step) is Take:
                if not step.places.take(at, job, watched):
                    return None
            elif type(step) is GiveBack:
                successor = step.places.give_back(at, watched)
                if successor:
                    self._go_on(at, successor)
            elif type(step) is Pause:
                return self._go_on(at + self._gamma(step.mean, step.shape), job)
            else:
                later = self._besides(at, job, step, watched)
                if later > at:
                    return self._go_on(later, job)
        return None

    def _besides(self, at: float, job: Job, step: Step, watched: bool) -> float:
        """The rarer steps; returns when the job goes on."""
        if isinstance(step, VisitHome):
            waited, done = step.stations[job.home].visit(at, step.seconds, watched)
            job.waited += waited
            return done
        if isinstance(step, Settle):
            job.home = self._settled % step.machines
            self._settled += 1
        elif isinstance(step, Begin):
            self._go_on(at, Job(step.route, at, job.home))
        elif isinstance(step, Repeat):
            ends = at + self._gamma(step.mean, step.shape)
            begins = at + step.period
            while begins < ends:
                self._go_on(begins, Job(step.route, begins, job.home))
                begins += step.period
            return ends
        elif isinstance(step, Note):
            job.total += job.waited
            if step.tally:
                step.tally.count += 1
                if watched:
                    step.tally.waits.append(job.total if step.whole else job.waited)
                    step.tally.lasted.append(at - (job.begun if step.whole else job.noted))
            job.waited, job.noted = 0.0, at
        return at

    def _gamma(self, mean: float, shape: float) -> float:
        return self._random.gammavariate(shape, mean / shape) if mean > 0 else 0.0
