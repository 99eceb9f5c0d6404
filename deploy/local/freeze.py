"""A stack's processes, found by a mark in their environment, and stopped all at once for a moment."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.local import guard

MARK = "TITULAR_STACK"
LIMIT_SECONDS = 30.0
"""No freeze lasts longer: connections and leases would begin to run out."""
STOP_SECONDS = 10.0
POLL_SECONDS = 0.002
NOT_OF_THE_DATA = frozenset({"epmd"})
"""Erlang's name server outlives its broker and keeps nothing."""


class FreezeFailed(Exception):
    """The stack could not be kept still; it runs on."""


def marks(data: Path) -> dict[str, str]:
    """What the environment of every process of a stack holds, and its children inherit.

    Gunicorn names its processes by setproctitle, which writes over the environment unless told otherwise.
    """
    return {MARK: str(data.resolve()), "SPT_NOENV": "1"}


def processes(data: Path) -> dict[int, bool]:
    """The stack's processes: process id → whether it is one of the product's own (not an engine)."""
    mark = f"{MARK}={data.resolve()}".encode()
    found: dict[int, bool] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (folder / "environ").read_bytes().split(b"\0")
            if mark in environment and (folder / "comm").read_text().strip() not in NOT_OF_THE_DATA:
                found[int(folder.name)] = any(entry.startswith(b"TITULAR_BROKER_URL=") for entry in environment)
    return found


def stopped(pid: int) -> bool:
    """Whether no thread of a process runs: all are stopped, or it has ended (proc(5), ``stat``)."""
    states = []
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            states.append(path.read_text().rsplit(")", 1)[1].split()[0])
    return all(state in "TtZX" for state in states)


class Frozen:
    """A stack that stands still. :meth:`check` says whether it has done so all the time."""

    def __init__(self, data: Path, limit: float) -> None:
        self._data = data
        self._guard = subprocess.Popen(
            [sys.executable, "-S", str(Path(guard.__file__)), str(limit)], stdin=subprocess.PIPE, start_new_session=True
        )
        self.pids: set[int] = set()
        self.since = time.monotonic()
        self.seconds = 0.0

    def stop_all(self) -> int:
        """Stop whatever of the stack is not stopped yet, services first; returns how many that were."""
        before = len(self.pids)
        deadline = time.monotonic() + STOP_SECONDS
        while running := {pid: own for pid, own in processes(self._data).items() if not (pid in self.pids and stopped(pid))}:
            for pid in sorted(running, key=lambda one: not running[one]):
                self._stop(pid)
            if time.monotonic() > deadline:
                raise FreezeFailed(f"processes {sorted(running)} do not stop")
            time.sleep(POLL_SECONDS)
        return len(self.pids) - before

    def _stop(self, pid: int) -> None:
        assert self._guard.stdin is not None  # noqa: S101 - it was opened as a pipe
        try:
            if pid not in self.pids:
                self._guard.stdin.write(f"{pid}\n".encode())
                self._guard.stdin.flush()  # told before it is done: what is stopped is always continued
        except OSError as error:
            raise FreezeFailed("the guard of the freeze has ended") from error
        self.pids.add(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)

    def check(self) -> None:
        """Raises :class:`FreezeFailed` where the guard has let the stack go on."""
        if self._guard.poll() is not None:
            raise FreezeFailed("the freeze took too long and was ended")

    def thaw(self) -> None:
        """Let it go on; may be repeated."""
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        self._guard.wait()
        guard.continue_all(self.pids)  # also where the guard itself was killed
        self.seconds = self.seconds or time.monotonic() - self.since


@contextlib.contextmanager
def frozen(data: Path, limit: float = LIMIT_SECONDS) -> Iterator[Frozen]:
    """Keep every process of a stack stopped for the block, at most ``limit`` seconds; raises :class:`FreezeFailed`.

    What lies on disk meanwhile is what a power cut at this instant would have left.
    """
    held = Frozen(data, limit)
    try:
        held.stop_all()
        yield held
    finally:
        held.thaw()
