"""How many answers about certificates (OCSP) were signed: thousands a second are totals a minute, not an event each."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AnswerTotal:
    """The answers of one minute."""

    first_at: datetime
    last_at: datetime
    count: int


class AnswerTotals:
    """Counts in memory; what is taken is to be recorded, and given back where it could not be."""

    def __init__(self) -> None:
        self._minutes: dict[datetime, AnswerTotal] = {}
        self._lock = threading.Lock()

    def count(self, at: datetime, number: int = 1) -> None:
        """``number`` answers were signed."""
        with self._lock:
            self._add(AnswerTotal(at, at, number))

    def take(self, ended_by: datetime | None = None) -> list[AnswerTotal]:
        """The totals of the minutes that had ended by then, the oldest first; None: of all, also the present one."""
        with self._lock:
            taken = sorted(minute for minute in self._minutes if ended_by is None or minute + MINUTE <= ended_by)
            return [self._minutes.pop(minute) for minute in taken]

    def give_back(self, totals: Iterable[AnswerTotal]) -> None:
        """These could not be recorded."""
        with self._lock:
            for total in totals:
                self._add(total)

    def _add(self, total: AnswerTotal) -> None:
        minute = total.first_at.replace(second=0, microsecond=0)
        known = self._minutes.get(minute)
        self._minutes[minute] = total if known is None else _together(known, total)


def _together(one: AnswerTotal, other: AnswerTotal) -> AnswerTotal:
    first, last = min(one.first_at, other.first_at), max(one.last_at, other.last_at)
    return replace(one, first_at=first, last_at=last, count=one.count + other.count)
