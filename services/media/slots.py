"""How many cells are rendered at once on a machine, whichever processes render them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LIVE_WAIT_SECONDS = 0.2
URGENT_WAIT_SECONDS = 0.02


class Slots:
    """Locks on files: a process that is killed gives its slot back."""

    def __init__(self, folder: Path, count: int) -> None:
        self._files = [folder / f".slot-{number}" for number in range(count)]

    @contextlib.contextmanager
    def taken(self, urgent: Callable[[], bool]) -> Iterator[None]:
        """Hold a slot. Who is urgent looks more often, so that a meeting that has ended goes before those that go on."""
        descriptor = self._take(urgent)
        try:
            yield
        finally:
            os.close(descriptor)

    def _take(self, urgent: Callable[[], bool]) -> int:
        while True:
            for path in random.sample(self._files, len(self._files)):
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(descriptor)
                else:
                    return descriptor
            # Random, so that nobody is always second.
            longest = URGENT_WAIT_SECONDS if urgent() else LIVE_WAIT_SECONDS
            time.sleep(random.uniform(longest / 2, longest))  # noqa: S311 - not a secret
