"""What is wrong, while a conference is being recorded, with its sound and picture."""

from __future__ import annotations

from typing import Any

from contracts.media import GET_VIDEOS
from gateway.views import ask_aside


def warnings_of(conference: dict[str, Any]) -> list[dict[str, Any]] | None:
    """What holds now; None where that cannot be told soon, so that what the page shows stays as it is."""
    if conference["recording"] != "on":
        return []
    found = ask_aside(GET_VIDEOS, emission_id=conference["emission_id"])
    if found is None:
        return None
    recorded = [video for video in found["videos"] if video["state"] == "recording" and video.get("evidence")]
    return [warning for video in recorded[:1] for warning in video["evidence"]["warnings"]]
