"""``python -m tests.faults.turned_clock FILE MODULE``: a service whose clock goes wrong by as many seconds as stand in a file."""

from __future__ import annotations

from chassis import green  # noqa: F401 - patches before anything blocks

# isort: split
import runpy
import sys
from datetime import datetime, timedelta
from pathlib import Path

from chassis import clock


def turn(offset: Path) -> None:
    """From now on the product's one clock is off; what is imported later gets it like this."""
    true_now = clock.now

    def turned() -> datetime:
        return true_now() + timedelta(seconds=float(offset.read_text() or 0))

    clock.now = turned


if __name__ == "__main__":
    turn(Path(sys.argv[1]))
    runpy.run_module(sys.argv[2], run_name="__main__")
