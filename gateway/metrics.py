"""Dead letters as a gauge, counted when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chassis.dead_letters import DeadLetters
from contracts.errors import Unavailable


class DeadLetterCollector(Collector):
    """``titular_dead_letters`` for each consumer; missing while the broker does not answer, so that no zero lies."""

    def __init__(self, letters: DeadLetters) -> None:
        self._letters = letters

    def describe(self) -> Iterator[Metric]:
        """Without a look at the broker: registering asks for this."""
        yield _family()

    def collect(self) -> Iterator[Metric]:
        """One look."""
        family = _family()
        try:
            for depth in self._letters.depths():
                family.add_metric([depth.queue], depth.dead)
        except Unavailable:
            return
        yield family


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily("titular_dead_letters", "Events that their consumer could not handle", labels=["queue"])
