"""A circuit for each called service: after several failures in a row questions are refused at once, until one gets through.

Written here because the library at hand (pybreaker) holds its lock for the whole call, which would let only one question at
a time reach a service, and measures by the wall clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chassis import metrics
from chassis.logs import get_logger
from contracts.errors import Unavailable

logger = get_logger(__name__)
FAILURES = 5
OPEN_SECONDS = 5.0
STATES = {"closed": 0, "half_open": 1, "open": 2}


class Circuit:
    """Closed: all pass. Open: none for ``open_seconds``. Half open: one passes, whose fate decides. Thread-safe.

    ``counts`` says which errors speak against the service; all others prove nothing.
    """

    def __init__(
        self,
        service: str,
        counts: Callable[[BaseException], bool],
        failures: int = FAILURES,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._counts = counts
        self._limit = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed = True
        self._next_try_at = 0.0
        self._trying = False
        self._show("closed")

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """One question; raises :class:`Unavailable` (``circuit``, with ``retry_after`` in seconds) where the circuit is open."""
        is_trial = self._enter()
        try:
            yield
        except BaseException as error:
            if self._counts(error):
                self._failed(is_trial)
            elif is_trial:
                self._give_trial_back()
            raise
        else:
            self._succeeded()

    def _enter(self) -> bool:
        with self._lock:
            if self._closed:
                return False
            wait = self._next_try_at - self._clock()
            if wait > 0 or self._trying:
                message = f"{self._service} has not answered lately"
                raise Unavailable(message, reason="circuit", service=self._service, retry_after=max(1, round(wait)))
            self._trying = True
        self._show("half_open")
        return True

    def _failed(self, is_trial: bool) -> None:
        with self._lock:
            if not self._closed and not is_trial:
                return  # asked before the circuit opened: that is known by now
            self._failures += 1
            was_closed = self._closed
            if is_trial or self._failures >= self._limit:
                self._closed, self._trying = False, False
                self._next_try_at = self._clock() + self._open_seconds
            opened = not self._closed
        if opened:
            self._show("open")
        if opened and was_closed:
            logger.warning("circuit opened", called=self._service, failures=self._failures)

    def _succeeded(self) -> None:
        with self._lock:
            was_closed, self._closed = self._closed, True
            self._failures, self._trying = 0, False
        if not was_closed:
            self._show("closed")
            logger.info("circuit closed", called=self._service)

    def _give_trial_back(self) -> None:
        with self._lock:
            self._trying = False

    def _show(self, state: str) -> None:
        metrics.CIRCUITS.labels(self._service).set(STATES[state])
