"""Renders the cells of a recording while it goes on, so that its end leaves little to do."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Unavailable
from services.media.cell_rendering import Cell, CellFolder
from services.media.model import cells
from services.media.model.quality import Step, step_for
from services.media.model.timeline import NothingRecorded, Plan, make_plan
from services.media.slots import Slots
from services.media.tracks import GrowingFolder, UnreadableTrack
from services.media.workshop import ToolFailed

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.25
SETTLING_SECONDS = 0.5
"""After a cell's end, for tracks that are just beginning to be noticed."""
SILENT_SECONDS = 4.0
"""A track that brings nothing for so long is not waited for."""
TROUBLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Stop:
    """The recording's end: when (seconds since the epoch), and who was who."""

    stopped_at: float
    roles: Mapping[str, str]


def read_stop(path: Path) -> Stop | None:
    """The recording's end, once it is written there."""
    try:
        return Stop(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


class Follower:
    """Follows the tracks of one recording."""

    def __init__(
        self,
        folder: GrowingFolder,
        rendered: CellFolder,
        slots: Slots,
        *,
        keep: Callable[[Cell], object],
        now: Callable[[], float] = time.time,
        small: bool = False,
    ) -> None:
        """``keep`` is given every cell that was rendered; ``now`` in seconds since the epoch; ``small``: see the plan."""
        self._folder = folder
        self._rendered = rendered
        self._slots = slots
        self._keep = keep
        self._now = now
        self._small = small
        self._next = 0
        self._due_at = 0.0
        self.step = Step.FINE  # of the cell rendered last

    def follow_until(self, ended: Callable[[], bool]) -> None:
        """Render each cell when its media have arrived, until the recording ends. What fails here is left for the end."""
        while not ended():
            try:
                waits = LOOK_SECONDS if not self.follow(ended) else 0.0
            except (ToolFailed, UnreadableTrack, Unavailable, OSError) as error:
                logger.warning("a cell waits for the end: %s", error)
                waits = TROUBLE_SECONDS
            _pause(waits, ended)

    def follow(self, ended: Callable[[], bool]) -> bool:
        """Render the next cell if its media have arrived; whether there was one."""
        self._folder.read()
        now = max(self._now(), *(track.last_arrival for track in self._folder.growing()), 0.0)
        if now < self._due_at:
            return False
        plan = self._plan(now)
        if plan is None:
            return False
        ends_at = plan.begins_at + (self._next + 1) * cells.CELL_SECONDS
        # Planning takes the longer, the longer a recording is: not at every look.
        self._due_at = ends_at + SETTLING_SECONDS
        if now < self._due_at or not self._arrived(ends_at, now):
            return False
        with self._slots.taken(ended):
            if ended():
                return False
            behind = max(now, self._now()) - ends_at  # the wait for the slot counts too
            step = step_for(behind / cells.CELL_SECONDS, self.step)
            cell = self._rendered.make(plan, self._next, step=step)
        if cell.took is not None:  # a successor that finds what was rendered is not late
            self.step = step
        self._keep(cell)
        self._next += 1
        self._due_at = ends_at + cells.CELL_SECONDS
        return True

    def _plan(self, now: float) -> Plan | None:
        try:
            return make_plan(self._folder.tracks(), {}, now, self._small)
        except NothingRecorded:
            return None

    def _arrived(self, ends_at: float, now: float) -> bool:
        awaited = [track for track in self._folder.growing() if now - track.last_arrival < SILENT_SECONDS]
        return all(track.settled_until >= ends_at + cells.AFTER_SECONDS for track in awaited)


def _pause(seconds: float, ended: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not ended():
        time.sleep(min(LOOK_SECONDS, seconds))
