"""Closed formulas of queueing: what the simulation is checked against, and where sizing begins."""

from __future__ import annotations

import math
from collections.abc import Sequence


def erlang_c(servers: int, offered: float) -> float:
    """The share of arrivals that wait in an M/M/c queue. ``offered``: erlangs (arrivals a second × seconds of service)."""
    if offered <= 0:
        return 0.0
    if offered >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def mean_wait(servers: int, offered: float, service: float) -> float:
    """Seconds that an arrival waits on average in M/M/c. ``service``: mean seconds of one service."""
    if offered >= servers:
        return math.inf
    return erlang_c(servers, offered) * service / (servers - offered)


def wait_quantile(servers: int, offered: float, service: float, share: float) -> float:
    """The wait in seconds below which that share of the arrivals stays, in M/M/c."""
    if offered >= servers:
        return math.inf
    waiting = erlang_c(servers, offered)
    if waiting <= 1 - share:
        return 0.0
    return service / (servers - offered) * math.log(waiting / (1 - share))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of values in ascending order (0 where there are none)."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]
