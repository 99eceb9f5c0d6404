"""Which faults come in which order: the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

SERVICES = ("registry", "certification", "conference", "media", "notify", "gateway")
ENGINES = ("rabbitmq", "documents", "objects", "sfu")
WORKERS = ("media worker", "term worker")
KILLED = (*SERVICES, *ENGINES, *WORKERS)

Kind = Literal["kill", "broker away", "cut", "slow store", "disk full", "corrupt", "again and out of order", "clock back"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, whom it befalls, how long it lasts (seconds) and in which way."""

    kind: Kind
    target: str
    seconds: float = 0.0
    way: str = ""

    @property
    def name(self) -> str:
        """As the report calls it."""
        lasting = f" {self.seconds:.0f} s" if self.seconds else ""
        way = f" ({self.way})" if self.way else ""
        return f"{self.kind} {self.target}{lasting}{way}"


def make_plan(kills: int, others: int, seed: int) -> list[Fault]:
    """``kills`` kills, each process in turn and then at random, with ``others`` other faults strewn among them."""
    chance = random.Random(seed)
    in_turn = [Fault("kill", name) for name in KILLED]
    chance.shuffle(in_turn)
    at_random = [Fault("kill", chance.choice(KILLED)) for _ in range(max(0, kills - len(in_turn)))]
    faults = (in_turn + at_random)[:kills]
    for other in _others(others, chance):
        faults.insert(chance.randrange(len(faults) + 1), other)
    return faults


def _others(count: int, chance: random.Random) -> list[Fault]:
    every = [
        Fault("broker away", "rabbitmq", 30),
        *[
            Fault("cut", f"{chance.choice(SERVICES)} from {store}", seconds, chance.choice(("silent", "reset")))
            for seconds in (1, 10, 60)
            for store in ("broker", "documents")
        ],
        Fault("cut", "media from objects", 10, "reset"),
        Fault("slow store", "certification from documents", 20),
        Fault("slow store", "conference from documents", 20),
        Fault("slow store", "media from objects", 20),
        Fault("disk full", "media", 15),
        Fault("disk full", "event store", 15),
        *[Fault("corrupt", service) for service in ("certification", "media", "notify", "conference")],
        Fault("again and out of order", "all events"),
        Fault("clock back", "certification", 30),
        Fault("clock back", "media", 30),
        Fault("clock back", "conference", 30),
    ]
    # Without repetition as long as there are different ones, so that a short run is a fair sample.
    chosen: list[Fault] = []
    while len(chosen) < count:
        chance.shuffle(every)
        chosen += every[: count - len(chosen)]
    return chosen
