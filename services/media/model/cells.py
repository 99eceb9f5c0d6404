"""The video in cells of equal length, each of which can be rendered as soon as its media have arrived."""

from __future__ import annotations

import bisect
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from services.media.model.timeline import FRAME_RATE, Appearance, Mark, Piece, Plan

CELL_SECONDS = 16
"""384 pictures and, at 48 kHz, 750 AAC frames of 1024 samples: cells join without a rest."""
CELL_FRAMES = CELL_SECONDS * FRAME_RATE
BEFORE_SECONDS = 0.25
"""Sound from before the cell's beginning, so that decoder and encoder are under way when it begins."""
AFTER_SECONDS = 0.35
"""Media from after its end, so that what arrived out of order is there too."""


def count(plan: Plan) -> int:
    """How many cells a finished video has; the last may be shorter."""
    return math.ceil(plan.frames / CELL_FRAMES)


def cell(plan: Plan, number: int) -> Plan:
    """A cell as a plan of its own: what appears in it, cut as closely as the media allow. Times from its beginning.

    A picture is taken from its last key frame before the cell: its ``at`` is then negative.
    """
    offset = number * CELL_SECONDS
    frames = min(CELL_FRAMES, plan.frames - number * CELL_FRAMES)
    duration = frames / FRAME_RATE
    return replace(
        plan,
        begins_at=plan.begins_at + offset,
        duration=duration,
        pictures=tuple(_within(plan.pictures, plan.begins_at + offset, duration, 0.0)),
        sounds=tuple(_within(plan.sounds, plan.begins_at + offset, duration, BEFORE_SECONDS)),
        originals=(),
        poster_at=0.0,
    )


def _within(appearances: tuple[Appearance, ...], begins_at: float, duration: float, before: float) -> Iterator[Appearance]:
    ends_at = begins_at + duration
    for one in appearances:
        if one.piece.begins_at < ends_at and one.piece.ends_at > begins_at - before:
            piece = _cut(one.piece, begins_at - before, ends_at + AFTER_SECONDS)
            yield replace(one, piece=piece, at=piece.begins_at - begins_at, until=piece.ends_at - begins_at)


def _cut(piece: Piece, begins_at: float, ends_at: float) -> Piece:
    marks = piece.marks
    number = bisect.bisect_right(marks, begins_at, key=_at) - 1
    while number >= 0 and not marks[number].opens:
        number -= 1
    first = marks[number] if number >= 0 else Mark(piece.start, piece.begins_at, opens=True)
    closing = bisect.bisect_left(marks, ends_at, key=_at)
    end = marks[closing].start if closing < len(marks) else piece.end
    return Piece(first.start, end, first.at, min(piece.ends_at, ends_at), piece.width, piece.height)


def _at(mark: Mark) -> float:
    return mark.at


def fingerprint(plan: Plan) -> str:
    """Names a cell by all that decides what it shows: the same bytes at the same places. Hexadecimal."""
    shown = [
        (_name(one), one.piece.start, one.piece.end, round(one.at, 4), round(one.until, 4), one.slot)
        for one in (*plan.pictures, *plan.sounds)
    ]
    described = json.dumps([plan.tile_width, plan.tile_height, plan.frames, shown])
    return hashlib.sha256(described.encode()).hexdigest()[:16]


def _name(one: Appearance) -> str:
    """The recorder renames a track when it closes it."""
    return PurePath(one.track.path).name.removesuffix(".tmp")
