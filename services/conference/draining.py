"""Before an SFU instance is stopped: no further rooms, and wait until those that there are have ended.

Two marks in the recordings' folder: ``.draining`` from the beginning, by which the conference gives the instance no room, and
``.drained`` at the end, by which whatever else stops with the instance can wait. The watcher's next start removes both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from contracts.errors import Unavailable
from services.conference.tracks import DRAINING, TrackFolder

DRAINED = ".drained"
LOOK_SECONDS = 2.0
SILENT_SECONDS = 30.0
"""An SFU that has been away for so long holds no room any more."""


def begin_anew(recordings: Path) -> None:
    """The instance serves (again)."""
    for mark in (DRAINING, DRAINED):
        (recordings / mark).unlink(missing_ok=True)


def drain(
    recordings: Path,
    rooms: Callable[[], frozenset[str]],
    seconds: float,
    say: Callable[[str], object],
    sleep: Callable[[float], object] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> bool:
    """Mark the instance and wait, for ``seconds`` at most, until it holds no room and writes no track; whether it came to that.

    ``rooms`` asks the SFU which rooms it has and raises ``Unavailable`` where it does not answer.
    """
    (recordings / DRAINING).touch()
    tracks = TrackFolder(recordings)
    until = monotonic() + seconds
    answered_at = monotonic()
    said = ""
    while True:
        now = monotonic()
        left = _count(rooms)
        if left is not None:
            answered_at = now
        silent = now - answered_at >= SILENT_SECONDS
        if silent or (left == 0 and not tracks.any_open()):
            (recordings / DRAINED).touch()
            say("drained: the SFU does not answer any more" if silent else "drained: no room is left and no track is open")
            return True
        if now >= until:
            (recordings / DRAINED).touch()
            say(f"not drained within {seconds:g} s: {_rooms(left)}")
            return False
        if said != (said := _rooms(left)):
            say(f"draining: {said}")
        sleep(min(LOOK_SECONDS, until - now))


def _count(rooms: Callable[[], frozenset[str]]) -> int | None:
    try:
        return len(rooms())
    except Unavailable:
        return None


def _rooms(left: int | None) -> str:
    if left is None:
        return "the SFU does not answer"
    return f"{left} room{'' if left == 1 else 's'} left" if left else "tracks are still open"
