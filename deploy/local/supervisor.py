"""Starts programs in order, waits for health, restarts what dies, stops everything cleanly."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from deploy.local.process import POLL_SECONDS, Program, StartFailed, stop, tail

BACKOFF_SECONDS = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Two deaths in a row are met at once: only what keeps dying is made to wait, so that it leaves the machine to the others."""
CALM_SECONDS = 10.0
"""After so long without dying a program's back-off begins anew."""
HANG_SECONDS = 30.0
"""A program that has not been ready for so long, while all that it needs was, is ended and started again."""
PROBE_SECONDS = 0.5

Line = Callable[[str, str], None]
"""Takes (program, line of output)."""


@dataclass(slots=True)
class Supervised:
    """One program as it goes."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    ready_changed_at: float = 0.0
    started_at: float = 0.0
    ready_after: float = 0.0
    deaths: int = 0
    start_again_at: float = 0.0
    reader: threading.Thread | None = None

    def becomes(self, ready: bool) -> bool:
        """Note whether it is ready; returns whether that is news."""
        if ready == self.ready:
            return False
        self.ready, self.ready_changed_at = ready, time.monotonic()
        return True

    def has_been(self, ready: bool) -> float:
        """For how many seconds it has been so (0: it is not)."""
        return time.monotonic() - self.ready_changed_at if self.ready == ready else 0.0


class Supervisor:
    """Owns the processes. All methods but output readers run on the thread that made it.

    Processes end with that thread (parent-death signal), so that nothing outlives a killed supervisor.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        log_of: Callable[[str], Path],
        on_line: Line,
        on_news: Callable[[str], None],
        hang_seconds: float = HANG_SECONDS,
    ) -> None:
        self._all = {program.name: Supervised(_bound_to_parent(program), log_of(program.name)) for program in programs}
        self._on_line = on_line
        self._on_news = on_news
        self._hang_seconds = hang_seconds

    def start(self) -> None:
        """Start all, each after those that it needs; raises :class:`StartFailed` for the first that does not come up."""
        waiting = list(self._all.values())
        while waiting:
            for one in list(waiting):
                if self._advance(one):
                    waiting.remove(one)
            if waiting:
                time.sleep(POLL_SECONDS)

    def watch(self, until: Callable[[], bool]) -> None:
        """Restart what dies or hangs, with back-off and a word about it, until told to end."""
        ended = threading.Event()
        prober = threading.Thread(target=self._probe, args=(ended,), name="probes", daemon=True)
        prober.start()
        try:
            while not until():
                for one in self._all.values():
                    self._care_for(one)
                time.sleep(POLL_SECONDS * 2)
        finally:
            ended.set()
            prober.join(1)

    def stop(self) -> None:
        """End all, those that need others first."""
        for layer in self._layers():
            for one in layer:
                if one.process and one.process.poll() is None:
                    one.process.send_signal(one.program.stop_signal)
            for one in layer:
                if one.process:
                    stop(one.process, one.program.stop_signal)

    def ready_times(self) -> dict[str, float]:
        """Seconds from start to ready by program."""
        return {name: one.ready_after for name, one in self._all.items()}

    def pids(self) -> dict[str, int]:
        """Process ids of what runs."""
        return {name: one.process.pid for name, one in self._all.items() if one.process and one.process.poll() is None}

    def _layers(self) -> list[list[Supervised]]:
        needed = {name for one in self._all.values() for name in one.program.after}
        leaves = [one for name, one in self._all.items() if name not in needed]
        return [leaves, [one for name, one in self._all.items() if name in needed]]

    def _advance(self, one: Supervised) -> bool:
        if one.process is None:
            if all(self._all[name].ready for name in one.program.after):
                self._launch(one)
            return False
        if one.process.poll() is not None:
            raise StartFailed(f"{one.program.name} ended with status {one.process.returncode}:\n{tail(one.log)}")
        if one.program.ready():
            one.becomes(True)
            one.ready_after = time.monotonic() - one.started_at
            self._on_news(f"{one.program.name} ready after {one.ready_after:.1f} s")
            return True
        if time.monotonic() - one.started_at > one.program.start_seconds:
            raise StartFailed(f"{one.program.name} is not ready after {one.program.start_seconds:.0f} s:\n{tail(one.log)}")
        return False

    def _probe(self, ended: threading.Event) -> None:
        """In a thread of its own: a program that hangs makes its probe wait, and the others' restarts must not."""
        while not ended.wait(PROBE_SECONDS):
            for one in self._all.values():
                launched = one.process
                ready = launched is not None and launched.poll() is None and one.program.ready()
                if one.process is launched and one.becomes(ready) and ready:
                    one.ready_after = time.monotonic() - one.started_at
                    self._on_news(f"{one.program.name} is ready again")

    def _care_for(self, one: Supervised) -> None:
        if one.process is None:
            self._start_again(one)
        elif one.process.poll() is not None:
            self._bury(one, one.process)
            self._start_again(one)
        elif self._hangs(one):
            self._on_news(f"{one.program.name} does not answer for {one.has_been(False):.0f} s; ending it")
            stop(one.process, signal.SIGKILL)

    def _start_again(self, one: Supervised) -> None:
        if time.monotonic() >= one.start_again_at:
            self._launch(one)
            self._on_news(f"{one.program.name} started again")

    def _bury(self, one: Supervised, process: subprocess.Popen[bytes]) -> None:
        now = time.monotonic()
        stop(process)  # children that outlived it hold its ports
        if now - one.started_at > CALM_SECONDS:
            one.deaths = 0
        delay = BACKOFF_SECONDS[min(one.deaths, len(BACKOFF_SECONDS) - 1)]
        self._on_news(f"{one.program.name} ended with status {process.returncode}; starting again in {delay:.1f} s")
        one.deaths += 1
        one.process = None
        one.becomes(False)
        one.start_again_at = now + delay

    def _hangs(self, one: Supervised) -> bool:
        """Not ready for too long, and not for want of another: a service whose store is away is left alone."""
        starting = time.monotonic() - one.started_at < one.program.start_seconds and one.ready_changed_at <= one.started_at
        if starting or one.has_been(False) < self._hang_seconds:
            return False
        return all(self._all[name].has_been(True) >= self._hang_seconds for name in one.program.after)

    def _launch(self, one: Supervised) -> None:
        one.process = one.program.start_piped()
        one.started_at = one.ready_changed_at = time.monotonic()
        one.ready = False
        one.log.parent.mkdir(parents=True, exist_ok=True)
        output = one.process.stdout
        if output is not None:
            one.reader = threading.Thread(target=self._read, args=(one.program.name, output, one.log), daemon=True)
            one.reader.start()

    def _read(self, name: str, output: IO[bytes], log: Path) -> None:
        with log.open("ab", buffering=0) as file:
            for line in output:
                file.write(line)
                self._on_line(name, line.decode(errors="replace").rstrip())


def _bound_to_parent(program: Program) -> Program:
    """The program under a parent-death signal, where the machine has ``setpriv``."""
    if not shutil.which("setpriv"):
        return program
    name = signal.Signals(program.stop_signal).name.removeprefix("SIG")
    return replace(program, argv=("setpriv", f"--pdeathsig={name}", "--", *program.argv))
