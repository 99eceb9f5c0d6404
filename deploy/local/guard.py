"""Lets a frozen stack go on, whatever becomes of the process that froze it.

Run as a program with the limit in seconds as its argument. It reads process ids from its standard input, one a line. When the
input ends (closed on purpose, or because the writer was killed), or when the limit has passed, it continues them all and ends:
with status 0, or 3 after the limit. Only the standard library, so that it is there in a moment.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

LIMIT_REACHED = 3
DESCRIPTOR = 0


def continue_all(pids: set[int]) -> None:
    """Continue every process that is still there."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGCONT)


def watch(limit: float) -> int:
    """Read process ids until the input ends or the limit has passed, then continue them."""
    deadline = time.monotonic() + limit
    received = b""
    status = LIMIT_REACHED
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([DESCRIPTOR], [], [], left)[0]:
            break
        piece = os.read(DESCRIPTOR, 65536)
        if not piece:
            status = 0
            break
        received += piece
    # What follows the last line's end was cut off with its writer, who stops a process only after its whole line is out.
    continue_all({int(line) for line in received.split(b"\n")[:-1]})
    return status


if __name__ == "__main__":
    raise SystemExit(watch(float(sys.argv[1])))
