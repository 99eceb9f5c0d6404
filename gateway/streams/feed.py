"""The last events in memory, and those who wait for the next."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from contracts.envelope import Envelope

KEPT_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One event with its place in the order of arrival."""

    number: int
    envelope: Envelope

    @property
    def emission_id(self) -> str | None:
        """Which emission it concerns."""
        return self.envelope.emission_id or self.envelope.data.get("emission_id")


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader finds. ``missed``: events happened that are not among the items; ``last`` is where to go on."""

    items: list[Item]
    missed: bool
    last: int


class Feed:
    """Thread-safe. Readers follow by number; one who is too slow misses what has left the memory, and is told so."""

    def __init__(self, kept: int = KEPT_EVENTS) -> None:
        self._items: deque[Item] = deque(maxlen=kept)
        self._changed = threading.Condition()
        self._last = 0
        self._closed = False

    def add(self, envelope: Envelope) -> None:
        """One more event; wakes all who wait."""
        with self._changed:
            self._last += 1
            self._items.append(Item(self._last, envelope))
            self._changed.notify_all()

    @property
    def last(self) -> int:
        """The number of the newest event (0: none yet)."""
        with self._changed:
            return self._last

    def lose(self) -> None:
        """Events may have passed unheard: all readers are told that they missed something."""
        with self._changed:
            self._last += 1
            self._changed.notify_all()

    def after(self, number: int, timeout: float) -> Look:
        """Events that came after ``number``, at once or within ``timeout`` seconds; an empty list where none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._last > number or self._closed, timeout)
            items = [item for item in self._items if item.number > number]
            return Look(items, len(items) < self._last - number, max(number, self._last))

    def close(self) -> None:
        """Let all who wait go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
