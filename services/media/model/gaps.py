"""What a recording lacks: who was not recorded, or heard without a picture, from when to when, and why as far as is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services.media.model.spans import subtract, union
from services.media.model.timeline import Appearance, Plan, Slot

Reason = Literal["not_there", "left", "connection_lost", "recorder_lost", "no_picture"]
"""Not there: nothing was ever recorded before (or after) of this person. Left: the track was closed as tracks are. Connection
lost: nothing arrived for a while, and then it went on in the same track. Recorder lost: the track was never closed. No picture:
the sound went on alone."""

SHORTEST_SECONDS = 2.0
"""Shorter absences are a matter of setting up a connection."""
UNFINISHED = ".tmp"


@dataclass(frozen=True, slots=True)
class Gap:
    """Neither picture nor sound of a person, or (``no_picture``) sound alone. Seconds from the video's beginning."""

    slot: Slot
    begins: float
    ends: float
    reason: Reason


def find_gaps(plan: Plan) -> tuple[Gap, ...]:
    """All gaps of the clerk and the holder, in the order of their beginnings."""
    slots: tuple[Slot, ...] = ("clerk", "holder")
    found = [gap for slot in slots for gap in (*_gaps_of(slot, plan), *_unseen(slot, plan))]
    return tuple(sorted(found, key=lambda gap: (gap.begins, gap.slot)))


def _gaps_of(slot: Slot, plan: Plan) -> Iterator[Gap]:
    recorded = sorted((one for one in (*plan.pictures, *plan.sounds) if one.slot == slot), key=lambda one: one.at)
    until, last = 0.0, None
    for one in recorded:
        if one.at - until >= SHORTEST_SECONDS:
            yield _gap(slot, until, one.at, last, _starting(recorded, one.at))
        if one.until > until:
            until, last = one.until, one
    if plan.duration - until >= SHORTEST_SECONDS:
        yield _gap(slot, until, plan.duration, last, ())


def _unseen(slot: Slot, plan: Plan) -> Iterator[Gap]:
    """When a person was heard and not seen."""
    heard = union(((one.at, one.until) for one in plan.sounds if one.slot == slot), bridging=SHORTEST_SECONDS)
    seen = ((one.at, one.until) for one in plan.pictures if one.slot == slot)
    for begins, ends in subtract(heard, seen):
        if ends - begins >= SHORTEST_SECONDS:
            yield Gap(slot, round(begins, 3), round(ends, 3), "no_picture")


def _starting(recorded: Iterable[Appearance], at: float) -> tuple[Appearance, ...]:
    """What goes on when a gap ends: picture and sound begin at about the same time."""
    return tuple(one for one in recorded if 0 <= one.at - at < SHORTEST_SECONDS)


def _gap(slot: Slot, begins: float, ends: float, before: Appearance | None, after: tuple[Appearance, ...]) -> Gap:
    reason: Reason = "left"
    if before is None:
        reason = "not_there"
    elif any(one.track.path == before.track.path for one in after):
        reason = "connection_lost"
    elif before.track.path.endswith(UNFINISHED):
        reason = "recorder_lost"
    return Gap(slot, round(begins, 3), round(ends, 3), reason)
