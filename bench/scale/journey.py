"""The way of an emission through the product, step by step, with the measured times; and what else people ask for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.scale.figures import PHASES, SERVICES, Assumptions, Measured
from bench.scale.network import (
    BROKER,
    DOCUMENTS,
    EVENT_STORE,
    GATEWAY,
    INGRESS,
    OBJECTS,
    OPEN_ROOMS,
    ROOMS,
    SIGNED_IN,
    STREAMS,
    TERM,
    TERM_WORKERS,
    THREADS,
    Network,
    ingress_seconds,
)
from bench.scale.routes import Begin, GiveBack, Note, Pause, Repeat, Route, Settle, Step, Take, Tally, Visit, VisitHome

MINUTE, HOUR = 60.0, 3600.0
STEADY = 400.0
"""A clerk's day varies by a twentieth."""
TERM_REQUESTS = (2, 3)
"""Counted from the phone's last request: the term is prepared in answer to the key's request, and completed by the signature."""


@dataclass(slots=True)
class Tallies:
    """What people and events went through."""

    requests: Tally = field(default_factory=lambda: Tally("requests"))
    events: Tally = field(default_factory=lambda: Tally("events"))
    videos: Tally = field(default_factory=lambda: Tally("videos"))
    emissions: Tally = field(default_factory=lambda: Tally("emissions"))
    signed: Tally = field(default_factory=lambda: Tally("signed"))


class Journey:
    """Builds the routes of one network. Every figure comes from ``measured.json`` or ``assumptions.toml``."""

    def __init__(self, network: Network, assumptions: Assumptions, measured: Measured) -> None:
        self.tallies = Tallies()
        self._network = network
        self._assume = assumptions
        self._measured = measured
        self._events = {phase: list(self._handlings(phase)) for phase in PHASES}
        self.ways = {
            (remote, stopped): Route(f"{remote} {stopped}", self._emission(remote, stopped))
            for remote in (True, False)
            for stopped in (True, False)
        }
        self.clerk = Route("clerk", self._clerk())

    def _emission(self, remote: bool, stopped: bool) -> list[Step]:
        lengths = self._assume.emission
        stream = self._network.places[STREAMS]
        steps = [
            *self._phase("register", lengths["typing_minutes"]),
            Take(stream),
            *self._phase("start", lengths["starting_minutes"]),
        ]
        if remote:
            steps += self._meeting()
        if stopped:
            return [*steps, GiveBack(stream), Note(self.tallies.emissions, whole=True)]
        steps += [*self._phase("confirm", lengths["confirming_minutes"]), GiveBack(stream)]
        steps += [Pause(lengths["phone_delay_minutes"] * MINUTE, 1.0), Note()]
        phone = self._phase("certify", lengths["phone_minutes"])
        return [*steps, *phone, Note(self.tallies.signed), Note(self.tallies.emissions, whole=True)]

    def _clerk(self) -> list[Step]:
        """Signs in, and is there until the office closes."""
        hours, there = len(self._assume.weights) / 2, self._network.places[SIGNED_IN]
        return [*self._look("sign_in"), Take(there), Pause(hours * HOUR, STEADY), GiveBack(there)]

    def _meeting(self) -> list[Step]:
        lengths, shape = self._assume.emission, self._assume.emission["shape"]
        rooms, opened = self._network.places[ROOMS], self._network.places[OPEN_ROOMS]
        ticks = int(lengths["checklist_ticks"])
        requests, events = self._requests("meet"), self._events["meet"]
        half = len(requests) // 2
        before, after = requests[:half], requests[half:]
        tick = [step for _ in range(ticks) for step in requests[-1]]
        recorded = Repeat(self._cell(), self._assume.product["cell_seconds"], lengths["recorded_minutes"] * MINUTE, shape)
        return [
            Take(opened),
            Pause(lengths["arrival_minutes"] * MINUTE, shape),
            Note(),
            Take(rooms),
            Settle(len(self._network.rendering)),
            *self._spread(before, lengths["unrecorded_minutes"] / 2, events[: len(events) // 2]),
            recorded,
            *self._spread([tick, *after], lengths["unrecorded_minutes"] / 2, events[len(events) // 2 :]),
            GiveBack(rooms),
            GiveBack(opened),
            Begin(Route("seal", self._sealing())),
        ]

    def _cell(self) -> Route:
        cpu = self._measured["media.cpu_per_minute"] / MINUTE * self._assume.product["cell_seconds"]
        megabytes = self._measured["media.playable_mb_per_minute"] / MINUTE * self._assume.product["cell_seconds"]
        stored = Visit(self._network.station(OBJECTS), self._measured["objects.cpu_per_mb"] * megabytes, fixed=True)
        return Route("cell", [VisitHome(self._network.rendering, cpu / self._assume.product["media_threads"]), stored])

    def _sealing(self) -> list[Step]:
        """The last cell, the seal, one video, the original: rendered, stored, read back."""
        lengths, measured = self._assume.emission, self._measured
        megabytes = (measured["media.playable_mb_per_minute"] + measured["media.original_mb_per_minute"]) * lengths[
            "recorded_minutes"
        ]
        last = self._cell().steps[0]
        whole = VisitHome(self._network.rendering, measured["media.cpu_fixed"] / self._assume.product["media_threads"])
        stored = Visit(self._network.station(OBJECTS), measured["objects.cpu_per_mb"] * megabytes * 2, fixed=True)
        return [last, whole, stored, Note(self.tallies.videos)]

    def _phase(self, phase: str, minutes: float) -> list[Step]:
        return self._spread(self._requests(phase), minutes, self._events[phase])

    def _spread(self, requests: list[list[Step]], minutes: float, events: list[Route]) -> list[Step]:
        """Requests with the person's own time between them, then the events that they caused."""
        pause = minutes * MINUTE / max(1, len(requests))
        shape = self._assume.emission["shape"]
        steps: list[Step] = []
        for request in requests:
            steps += [Pause(pause, shape), Note(), *request]
        return [*steps, *(Begin(route) for route in events)]

    def _requests(self, phase: str) -> list[list[Step]]:
        """The commands and questions of a phase, then its pages and refreshes."""
        measured, count = self._measured, max(1, round(self._measured[f"requests.{phase}"]))
        calls = {name: measured.get(f"calls.{phase}.{name}") for name in SERVICES}
        # A handled event appends one by itself.
        appends = max(0.0, measured.get(f"appends.{phase}") - measured.get(f"handled.{phase}.certification"))
        web = measured.cpu(phase, "gateway") + measured.cpu(phase, "streams")
        found = []
        for number in range(count):
            asked = [
                (name, self._cpu(phase, name)) for name, total in calls.items() for _ in range(_share_of(total, number, count))
            ]
            request = self._request(web / count, asked, phase, _share_of(appends, number, count))
            if phase == "certify" and count - number in TERM_REQUESTS:
                self._add_term(request)
            found.append(request)
        events = sum(measured.get(f"published.{phase}.{name}") for name in SERVICES)
        refreshes = round(events * self._assume.pages["refreshes_per_event"])
        return [*found, *(self._look("page") for _ in range(int(self._assume.pages[phase]))), *self._looks("parts", refreshes)]

    def _add_term(self, request: list[Step]) -> None:
        """Certification waits for its one worker that makes terms, and holds the caller while it does."""
        workers = self._network.places[TERM_WORKERS]
        seconds = self._measured.cpu("certify", "term") / len(TERM_REQUESTS)
        last = max(number for number, step in enumerate(request) if isinstance(step, GiveBack) and number < len(request) - 2)
        request[last:last] = [Take(workers), Visit(self._network.station(TERM), seconds), GiveBack(workers)]

    def _looks(self, kind: str, count: int) -> Iterable[list[Step]]:
        return (self._look(kind) for _ in range(count))

    def _look(self, kind: str) -> list[Step]:
        asked = [(name, self._measured.cpu(kind, name)) for name in SERVICES if self._measured.get(f"calls.{kind}.{name}") >= 0.5]
        return self._request(self._measured.cpu(kind, "gateway"), asked, kind, 0)

    def _request(self, cpu: float, asked: list[tuple[str, float]], kind: str, appends: int) -> list[Step]:
        network, threads = self._network, self._network.places[THREADS]
        ingress = Visit(network.station(INGRESS), ingress_seconds(self._assume, self._measured))
        steps: list[Step] = [ingress, Take(threads), Visit(network.station(GATEWAY), cpu)]
        for name, service_cpu in asked:
            appended, appends = (appends, 0) if name == "certification" else (0, appends)
            steps += self._at_service(name, service_cpu, kind, appended)
        if not asked:
            steps.append(Visit(network.station(DOCUMENTS), self._engine(kind, "documents")))
        return [*steps, GiveBack(threads), Note(self.tallies.requests)]

    def _handlings(self, phase: str) -> Iterable[Route]:
        """A consumed event each."""
        for name in SERVICES:
            handled, called = (round(self._measured.get(f"{kind}.{phase}.{name}")) for kind in ("handled", "calls"))
            # What only a relay or a timer did has no call and no event: it is one piece of work.
            alone = 1 if self._measured.cpu(phase, name) > 0 and not called else 0
            for _ in range(handled or alone):
                steps = self._at_service(name, self._cpu(phase, name), phase, 1 if name == "certification" else 0)
                yield Route(f"{phase} event", [*steps, Note(self.tallies.events)])

    def _at_service(self, name: str, cpu: float, kind: str, appends: int) -> list[Step]:
        network, workers = self._network, self._network.places[f"{name} workers"]
        append = Visit(network.station(EVENT_STORE), self._measured["event_store.append"], fixed=True)
        steps: list[Step] = [
            Visit(network.station(BROKER), self._engine(kind, "rabbitmq")),
            Take(workers),
            Visit(network.station(name), cpu),
            Visit(network.station(DOCUMENTS), self._engine(kind, "documents")),
            *itertools.repeat(append, appends),
        ]
        if kind in PHASES and self._engine(kind, "objects") > 0:
            steps.append(Visit(network.station(OBJECTS), self._engine(kind, "objects")))
        return [*steps, GiveBack(workers)]

    def _cpu(self, phase: str, service: str) -> float:
        """Of one call or one handled event: the phase's processor time, shared out."""
        measured = self._measured
        worked = measured.get(f"calls.{phase}.{service}") + measured.get(f"handled.{phase}.{service}")
        return measured.cpu(phase, service) / max(1.0, worked)

    def _engine(self, kind: str, program: str) -> float:
        """Of one visit at an engine: what it took for the whole phase or look, shared out over calls and events."""
        measured = self._measured
        visits = sum(measured.get(f"calls.{kind}.{name}") + measured.get(f"handled.{kind}.{name}") for name in SERVICES)
        return measured.cpu(kind, program) / max(1.0, visits)


def _share_of(total: float, number: int, count: int) -> int:
    """How many of ``total`` fall to the ``number``-th of ``count``, so that all together are ``total``, rounded."""
    whole = round(total)
    return whole * (number + 1) // count - whole * number // count
