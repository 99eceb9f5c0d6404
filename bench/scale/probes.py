"""What a running stack has used and done, looked at from outside: ``/proc``, ``/metrics`` and the broker."""

from __future__ import annotations

import contextlib
import os
import re
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.scale.figures import SERVICES
from tests.faults.office import Answers
from tests.faults.tap import Tap
from tests.faults.target import Target

COUNT = re.compile(r"^titular_(call|event)_seconds_count\{[^}]*\} (\S+)$", re.MULTILINE)
OWN_CHILDREN_APART = {"media"}
"""Media's jobs are measured by themselves, on longer recordings."""

CHILDREN = {"certification": "term"}
"""What a program's children are called where they count for themselves: terms are made in a process of their own."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Totals since the start. ``cpu``: seconds by program; ``calls``, ``handled``: by service; ``published``: by source."""

    at: float
    cpu: dict[str, float]
    calls: dict[str, float]
    handled: dict[str, float]
    published: Counter[str]
    requests: int

    @classmethod
    def of(cls, target: Target, tap: Tap, answers: Answers) -> Snapshot:
        """As it is now."""
        calls: dict[str, float] = {}
        handled: dict[str, float] = {}
        for service in SERVICES:
            found = _metrics(target.configuration.ports[service])
            calls[service] = sum(float(value) for kind, value in found if kind == "call")
            handled[service] = sum(float(value) for kind, value in found if kind == "event")
        published = Counter(envelope.source for envelope in tap.events().values())
        return cls(time.monotonic(), processors(target.pids()), calls, handled, published, sum(answers.statuses.values()))


def _metrics(port: int) -> list[tuple[str, str]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return COUNT.findall(answer.read().decode())


def processors(groups: dict[str, int]) -> dict[str, float]:
    """Processor seconds by program, its children's included, those that have ended too."""
    used = {program: _seconds(Path(f"/proc/{pid}"), program not in OWN_CHILDREN_APART) for program, pid in groups.items()}
    leaders = {pid: program for program, pid in groups.items() if program not in OWN_CHILDREN_APART}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            group = int(_fields(folder)[2])
            if group in leaders and int(folder.name) != group:
                name = CHILDREN.get(leaders[group], leaders[group])
                used[name] = used.get(name, 0.0) + _seconds(folder, True)
    return used


def _seconds(folder: Path, children: bool) -> float:
    """See proc(5): utime, stime, and of children that were waited for."""
    ticks = sum(map(int, _fields(folder)[11 : 15 if children else 13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(folder: Path) -> list[str]:
    return (folder / "stat").read_text().rsplit(")", 1)[1].split()
