"""Meetings of any length on the real pipeline: what is left to do when one ends, and what it cost in all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from services.media.model.cells import CELL_SECONDS
from services.media.notices import STREAM, write_whole
from services.media.render import RESULT, STOP, Job
from tests.support.feeding import Meeting

REAL_TIME_SECONDS = 20.0
"""The last part of a meeting is written at its own pace, so that its end is met as in life; what is before, faster."""
STEP_SECONDS = 1.0
LAG_SECONDS = 2.0
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 600.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Ended:
    """What was measured of one meeting; seconds and bytes. ``ready``: from its end until it can be watched."""

    minutes: float
    rooms: int
    ready: float
    done: float
    cpu: float
    size: int


class Room:
    """One meeting that is recorded, and the job that follows it."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.meeting = Meeting(folder / "tracks")
        work = folder / "work"
        work.mkdir()
        (folder / "job.json").write_text(
            json.dumps(asdict(Job(str(folder / "tracks"), str(work), folder.name, 2, str(folder.parent), 1, live=False)))
        )
        self._log = (folder / "log").open("wb")
        argv = ("nice", "-n", "10", sys.executable, "-m", "services.media.render", str(folder / "job.json"))
        output = self._log
        self._process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdout=output, stderr=output)

    def caught_up(self, seconds: float) -> bool:
        """Whether all is rendered that could be by then."""
        wanted = int((seconds - LAG_SECONDS) // CELL_SECONDS)
        return len(list((self.folder / "work" / "cells").glob("*.m4s"))) >= wanted

    def end(self, seconds: float) -> float:
        """The recorder closes its files; returns the moment."""
        self.meeting.close()
        now = time.monotonic()
        stop = {"stopped_at": self.meeting.begins_at + seconds, "roles": {}}
        write_whole(self.folder / STOP, json.dumps(stop))
        return now

    def await_file(self, name: str) -> float:
        """The moment at which the job has written a file."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (self.folder / name).exists():
            if self._process.poll() is not None and not (self.folder / name).exists():
                raise RuntimeError(f"the job ended without {name}: {self._last_words()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {name} after {PATIENCE_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)
        return time.monotonic()

    def _last_words(self) -> str:
        """What it said of its end: its result where it wrote one, and its log."""
        result = self.folder / RESULT
        return (result.read_text() if result.exists() else "") + (self.folder / "log").read_text()[-500:]

    def close(self) -> float:
        """Wait for the job's end; returns its processor seconds, with those of the programs that it ran."""
        _, _, usage = os.wait4(self._process.pid, 0)
        self._log.close()
        return usage.ru_utime + usage.ru_stime

    def kill(self) -> None:
        """Whatever happened: leave nothing behind."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def hold(folder: Path, env: Mapping[str, str], minutes: float, rooms: int, phase: float) -> list[Ended]:
    """Meetings in several rooms that end at once, ``phase`` seconds after so many minutes."""
    seconds = minutes * 60 + phase
    running = [Room(folder / f"m{minutes:g}-r{rooms}-p{phase:g}-{number}", env) for number in range(rooms)]
    try:
        _feed(running, seconds)
        ends = [room.end(seconds) for room in running]
        ready = [room.await_file(STREAM) - end for room, end in zip(running, ends, strict=True)]
        done = [room.await_file(RESULT) - end for room, end in zip(running, ends, strict=True)]
        found = []
        for room, ready_after, done_after in zip(running, ready, done, strict=True):
            outcome = json.loads((room.folder / RESULT).read_text())["outcome"]
            found.append(Ended(minutes, rooms, ready_after, done_after, room.close(), outcome["playable"]["size"]))
        return found
    finally:
        for room in running:
            room.kill()


def _feed(rooms: list[Room], seconds: float) -> None:
    fast = max(0.0, seconds - REAL_TIME_SECONDS)
    at = 0.0
    while at < fast:
        at = min(fast, at + STEP_SECONDS)
        for room in rooms:
            room.meeting.advance(at)
        while not all(room.caught_up(at - CELL_SECONDS) for room in rooms):
            time.sleep(POLL_SECONDS)
    while not all(room.caught_up(fast) for room in rooms):
        time.sleep(POLL_SECONDS)
    begun = time.monotonic()
    while (now := fast + time.monotonic() - begun) < seconds:
        for room in rooms:
            room.meeting.advance(now)
        time.sleep(0.05)
    for room in rooms:
        room.meeting.advance(seconds)
