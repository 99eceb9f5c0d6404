"""A recording as its page shows it: what is missing and what happened, on a line as long as the video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.certification import CHECKLIST_CLEARING_NOTED, CHECKLIST_TICK_NOTED
from contracts.conference import CHECKLIST

WIDTH = 1000
"""Units of the drawing's width."""
SIDES = ("clerk", "holder")
TICKS = (CHECKLIST_TICK_NOTED.name, CHECKLIST_CLEARING_NOTED.name)


@dataclass(frozen=True, slots=True)
class Missing:
    """A gap as it is drawn: ``x`` and ``width`` in units, times in seconds."""

    begins: float
    ends: float
    reason: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One person's line."""

    slot: str
    missing: tuple[Missing, ...]
    recorded_percent: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened while it was recorded, at so many seconds."""

    at: float
    type: str
    x: int


def lanes(video: Mapping[str, Any]) -> list[Lane]:
    """Clerk and holder, with what is missing of each."""
    seconds = video["duration_seconds"] or 0.0
    return [_lane(slot, [gap for gap in video["gaps"] if gap["slot"] == slot], seconds) for slot in SIDES]


def _lane(slot: str, gaps: Sequence[Mapping[str, Any]], seconds: float) -> Lane:
    missing = tuple(
        Missing(
            gap["begins"],
            gap["ends"],
            gap["reason"],
            _place(gap["begins"], seconds),
            max(1, _place(gap["ends"], seconds) - _place(gap["begins"], seconds)),
        )
        for gap in gaps
    )
    absent = sum(one.ends - one.begins for one in missing if one.reason != "no_picture")
    return Lane(slot, missing, round(100 * (1 - absent / seconds)) if seconds else 0)


def moments(video: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[Moment]:
    """The history's entries that fall into the recording, the checklist's left out (they are chapters)."""
    seconds, begun = video["duration_seconds"] or 0.0, video["started_at"]
    told = [entry for entry in entries if entry["type"] not in TICKS]
    placed = [(round((_when(entry) - begun).total_seconds(), 1), entry["type"]) for entry in told]
    return [Moment(at, name, _place(at, seconds)) for at, name in placed if 0 <= at <= seconds]


@dataclass(frozen=True, slots=True)
class Chapter:
    """An item of the checklist and where in the video it was ticked; None: it was not."""

    item: str
    at: float | None
    x: int


def chapters(video: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[Chapter]:
    """The checklist in the order of time, what was not ticked (or taken back) last. Notes may have come in any order."""
    own = [one for one in entries if one["type"] in TICKS and one["data"]["recording_id"] == video["recording_id"]]
    latest = {entry["data"]["item"]: entry for entry in sorted(own, key=_when)}
    seconds = video["duration_seconds"] or 0.0
    ticked = {item: entry for item, entry in latest.items() if entry["type"] == CHECKLIST_TICK_NOTED.name}

    def chapter(item: str) -> Chapter:
        if item not in ticked:
            return Chapter(item, None, 0)
        since = (_when(ticked[item]) - video["started_at"]).total_seconds()
        at = round(min(max(since, 0.0), seconds), 1)
        return Chapter(item, at, _place(at, seconds))

    return sorted(map(chapter, CHECKLIST), key=lambda one: (one.at is None, one.at or 0.0))


def _when(entry: Mapping[str, Any]) -> datetime:
    """When it happened: of a noted fact not when it was noted."""
    at = entry["data"].get("at") or entry["time"]
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _place(at: float, seconds: float) -> int:
    return round(WIDTH * at / seconds) if seconds else 0


@dataclass(frozen=True, slots=True)
class Viewing:
    """Somebody saw or took the recording: how often, and when last."""

    user_id: str
    role: str
    times: int
    last: Any


def viewings(recording_id: str, recorded: Iterable[Any]) -> list[Viewing]:
    """Who has seen a recording, the latest first, from the ledger's envelopes (newest first)."""
    found: dict[str, Viewing] = {}
    for said in recorded:
        if said.data["recording_id"] != recording_id or not said.actor:
            continue
        user_id = said.actor["user_id"]
        known = found.get(user_id)
        found[user_id] = Viewing(user_id, said.actor["role"], known.times + 1 if known else 1, known.last if known else said.time)
    return list(found.values())
