"""What people are told while they wait: how far the rendering is behind, what goes before it, when the video can be watched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.media.model.cells import CELL_SECONDS
from services.media.model.video import Video

SETTLING_SECONDS = 1.0
"""What has just been said has not settled yet: it is not behind."""
CAUTION = 1.25
"""Rather ready earlier than said."""
STORING_SECONDS = 1.0
"""From the last cell to a video that can be watched, and from the end to the first cell."""
BEHIND_CELLS_PER_SLOT = 4
ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Outlook:
    """``behind_seconds`` of the recording have settled and are not rendered; cells wait, its own and all of its machine.

    ``recordings_ahead`` have ended and are rendered first. ``ready_seconds``: from now, or where the recording goes on from its
    end, until it can be watched; None where that is not known.
    """

    behind_seconds: float
    cells_waiting: int
    machine_cells_waiting: int
    recordings_ahead: int
    ready_seconds: float | None


def outlook(video: Video, unfinished: Iterable[Video], now: datetime) -> Outlook | None:
    """Of a video among all ``unfinished`` ones of its machine; None where there is nothing to wait for."""
    if not video.awaited:
        return None
    others = [other for other in unfinished if other.recording_id != video.recording_id]
    waiting = cells_waiting(video, now)
    ready = _ready(video, others, now)
    return Outlook(
        behind_seconds=round(_behind(video, now), 1),
        cells_waiting=waiting,
        machine_cells_waiting=waiting + sum(cells_waiting(other, now) for other in others),
        recordings_ahead=sum(_goes_before(other, video, now) for other in others),
        ready_seconds=None if ready is None else round(ready, 1),
    )


def is_behind(others: Sequence[Video], now: datetime) -> bool:
    """Whether a machine has so much to catch up with that what begins now should ask less of it."""
    slots = max((other.progress.slots for other in others if other.progress), default=1)
    return sum(cells_waiting(other, now) for other in others) >= BEHIND_CELLS_PER_SLOT * slots


def cells_waiting(video: Video, now: datetime) -> int:
    """How many cells could be rendered now: while a recording goes on whole ones, then the last as well.

    Those of a recording that nobody follows wait for nothing but its end.
    """
    if not video.awaited or (video.stopped_at is None and video.claimed_by is None):
        return 0
    settled = _behind(video, now) / CELL_SECONDS
    return math.ceil(settled - ROUNDING) if video.stopped_at else math.floor(settled)


def _behind(video: Video, now: datetime) -> float:
    ends_at = video.stopped_at.timestamp() if video.stopped_at else now.timestamp() - SETTLING_SECONDS
    return max(0.0, ends_at - _rendered_until(video))


def _rendered_until(video: Video) -> float:
    return video.progress.rendered_until if video.progress else video.started_at.timestamp()


def _goes_before(other: Video, video: Video, now: datetime) -> bool:
    """Those that have ended go before those that go on; among them, who ended first has the least left."""
    if other.stopped_at is None or not cells_waiting(other, now):
        return False
    return video.stopped_at is None or other.stopped_at < video.stopped_at


def _ready(video: Video, others: Sequence[Video], now: datetime) -> float | None:
    if video.claimed_by is None or video.claimed_until is None or video.claimed_until <= now:
        return None
    seconds = _seconds_per_cell(video, others)
    if seconds is None:
        return None
    ends_at = (video.stopped_at or now).timestamp()
    left = max(0, math.ceil((ends_at - _rendered_until(video)) / CELL_SECONDS - ROUNDING))
    expected = CAUTION * seconds * _turns(video, left, others, now) + STORING_SECONDS
    if video.stopped_at is None:
        return expected
    said_at = max(ends_at, video.progress.noted_at if video.progress else 0.0)
    rest = expected - max(0.0, now.timestamp() - said_at)
    return rest if rest > 0 else None  # it should have been ready: whatever it waits for is not known


def _seconds_per_cell(video: Video, others: Sequence[Video]) -> float | None:
    """As measured with this recording, or else the slowest of the others on the same machine."""
    if video.progress and video.progress.seconds_per_cell is not None:
        return video.progress.seconds_per_cell
    paces = [other.progress.seconds_per_cell for other in others if other.progress]
    return max((one for one in paces if one is not None), default=None)


def _turns(video: Video, left: int, others: Sequence[Video], now: datetime) -> float:
    """How many cells go by one after another until ``left`` are rendered, where all that have ended share the slots equally."""
    known = [one.progress.slots for one in (video, *others) if one.progress]
    slots = max(known, default=1)
    ended = [cells_waiting(other, now) for other in others if other.stopped_at]
    shared = (left + sum(min(left, waiting) for waiting in ended)) / slots
    # A cell of a meeting that goes on may just have begun in each slot.
    going_on = sum(other.stopped_at is None and other.claimed_by is not None for other in others)
    return max(left, shared) + (1 if left and going_on >= slots else 0)
