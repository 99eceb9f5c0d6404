"""Looks at several SFU instances side by side, so that one that is away holds up nobody but its own rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import eventlet

from chassis.logs import get_logger
from services.conference.model.conference import Conference

logger = get_logger(__name__)


class Looks:
    """Each look in a greenthread of its own, one of a name at a time."""

    def __init__(self) -> None:
        self._going_on: set[str] = set()

    def begin(self, name: str, look: Callable[[], object]) -> None:
        """Begin the look unless the one before still goes on; what fails is tried again by whoever begins the next."""
        if name not in self._going_on:
            self._going_on.add(name)
            eventlet.spawn_n(self._run, name, look)

    def _run(self, name: str, look: Callable[[], object]) -> None:
        try:
            look()
        except Exception as error:
            logger.warning("a look failed", look=name, error=f"{type(error).__name__}: {error}"[:200])
        finally:
            self._going_on.discard(name)


def by_instance(conferences: Iterable[Conference]) -> dict[str | None, list[Conference]]:
    """Conferences by the instance of their room (None: those without a place)."""
    found: dict[str | None, list[Conference]] = {}
    for conference in conferences:
        found.setdefault(conference.instance, []).append(conference)
    return found
