"""A name for a process that no other living process has, and that its successor gets again."""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
from pathlib import Path

_held: list[int] = []


def exclusive_name(folder: Path) -> str:
    """The first free name of this host and folder, held until the process ends in whatever way.

    Work that is claimed under the name one has just been given was left by a process that is dead: it can be taken up at
    once, without waiting for a lease to run out. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        descriptor = os.open(folder / f".worker-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        _held.append(descriptor)  # closing it would give the name away
        return f"{socket.gethostname()}:{folder}:{number}"
    raise AssertionError("unreachable")
