"""On which SFU instance a conference's room is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.conference.model.conference import Conference, Decision


def by_load(instances: Sequence[str], unfinished: Iterable[Conference]) -> list[str]:
    """The instances in the order in which a new room should be offered to them: fewest rooms first, then as configured."""
    rooms = Counter(conference.instance for conference in unfinished)
    return sorted(instances, key=lambda name: rooms[name])


def place(conference: Conference, instance: str) -> Decision | None:
    """Give a conference that has no place yet its instance; who has one keeps it."""
    return Decision(replace(conference, instance=instance)) if conference.instance is None else None


def withdraw(conference: Conference, instance: str) -> Decision | None:
    """Take a conference that nobody has come to yet from its instance, so that it is placed anew."""
    waiting = conference.state == "open" and not any(one.present for one in conference.participants)
    if conference.instance != instance or not waiting:
        return None
    return Decision(replace(conference, instance=None))
