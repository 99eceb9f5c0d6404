"""How long the work in hand may still take: passed from caller to service, to stores and to nested calls.

Kept as a moment of this process's monotonic clock. Between processes only a remaining time travels, because the clocks of
two hosts are not trusted to agree.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from contracts.errors import Unavailable

_ends: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Do the work of this block in at most ``seconds``; an earlier deadline that already holds stays."""
    outer = _ends.get()
    ends = time.monotonic() + seconds
    token = _ends.set(ends if outer is None else min(outer, ends))
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float | None:
    """Seconds that are left (0 once they have passed); None where no deadline holds."""
    ends = _ends.get()
    return None if ends is None else max(0.0, ends - time.monotonic())


def bounded(seconds: float) -> float:
    """``seconds``, or what is left where that is less; raises :class:`Unavailable` (``too_late``) where nothing is left."""
    left = remaining()
    if left is None:
        return seconds
    if left <= 0:
        raise Unavailable("the time for this work has passed", reason="too_late")
    return min(seconds, left)


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """In a green process: break off, wherever it waits, what takes longer; raises :class:`Unavailable` (``too_late``).

    The last resort for a store or peer that hangs without an end. What is broken off looks to the stores like a crash.
    """
    from eventlet import Timeout

    limit = Timeout(seconds)
    try:
        yield
    except Timeout as fired:
        if fired is not limit:
            raise
        raise Unavailable("broken off: it took too long", reason="too_late") from fired
    finally:
        limit.cancel()
