"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], seconds: float = 10.0, every: float = 0.05) -> T:
    """The first truthy result; fails with the last one when the time is over. Assertion errors count as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = condition()
            if result or time.monotonic() > deadline:
                assert result, f"still {result!r} after {seconds} s"
                return result
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(every)
