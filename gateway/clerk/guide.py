"""What an emission's page shows next: pure decisions from the emission's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

ORDER = ("started", "identified", "confirmed", "dispatched", "verified", "issued", "completed")
WORDS_ARE_TOLD = ("started", "identified", "confirmed", "dispatched", "verified", "issued")
ENDED = ("refused", "inconclusive", "cancelled", "expired")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; ``state``: done, current, waiting or stopped."""

    label: Any
    state: str


def steps(emission: Mapping[str, Any]) -> list[Step]:
    """The whole way, with where the emission stands."""
    first = _("Videoconference") if emission["mode"] == "remote" else _("Meeting at the office")
    labels = (first, _("Identification"), _("Data confirmed"), _("Invitation sent"), _("Issued on the phone"), _("Completed"))
    reached = _reached(emission)
    stopped = emission["state"] in ENDED
    return [Step(label, _state(position, reached, stopped)) for position, label in enumerate(labels)]


def _state(position: int, reached: int, stopped: bool) -> str:
    if position < reached:
        return "done"
    if position > reached:
        return "waiting"
    return "stopped" if stopped else "current"


def _reached(emission: Mapping[str, Any]) -> int:
    """How many steps are behind us."""
    state = emission["state"]
    if state in ("completed", "revoked"):
        return 6
    if state in ENDED:
        return 0 if emission["conference"] in ("none", "open", "started", "recording") else 1
    if state == "started":
        return 1 if conference_over(emission) else 0
    return {"identified": 2, "confirmed": 3, "dispatched": 4, "verified": 4, "issued": 4}[state]


def conference_over(emission: Mapping[str, Any]) -> bool:
    """Whether the person was met: by an ended conference, or at the counter."""
    return bool(emission["mode"] == "in_person" or emission["conference"] == "ended")


def next_action(emission: Mapping[str, Any]) -> str:
    """The one thing to do now, as the name of a template in ``clerk/actions``."""
    state = emission["state"]
    if state == "started":
        return _meeting(emission)
    names = {
        "identified": "confirm",
        "confirmed": "dispatch",
        "dispatched": "wait_for_holder",
        "verified": "wait_for_holder",
        "issued": "wait_for_holder",
        "completed": "completed",
        "revoked": "revoked",
    }
    return names.get(state, "ended")


def _meeting(emission: Mapping[str, Any]) -> str:
    if conference_over(emission):
        return "attest"
    return "wait_for_room" if emission["conference"] == "none" else "conference"
