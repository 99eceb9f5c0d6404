"""The warning before an empty room closes by itself: once for each time that it stays empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.conference.model import events
from services.conference.model.conference import Conference, Decision


def warn(conference: Conference, patience: timedelta, notice: timedelta, now: datetime) -> Decision | None:
    """Say that the room closes within ``notice``, or within the latter half of ``patience`` where that is shorter."""
    closes_at = conference.closes_at(patience)
    if closes_at is None or conference.warned_at or not closes_at - min(notice, patience / 2) <= now < closes_at:
        return None
    warned = events.AbandonmentWarned(*conference.identity(), closes_at)
    return Decision(replace(conference, warned_at=now), (warned,))
