"""A recording's video as the contract describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.media.model.outlook import Outlook
from services.media.model.video import Video


def view(video: Video, expected: Outlook | None = None) -> dict[str, Any]:
    """As screens see it."""
    outcome: dict[str, Any] = asdict(video.outcome) if video.outcome else {}
    stream: dict[str, Any] = asdict(video.stream) if video.stream else {}
    return {
        "recording_id": video.recording_id,
        "conference_id": video.conference_id,
        "emission_id": video.emission_id,
        "office_id": video.office_id,
        "state": video.state,
        "reason": video.reason,
        "attempts": video.attempts,
        "started_at": video.started_at,
        "stopped_at": video.stopped_at,
        "processed_at": video.processed_at,
        "duration_seconds": None,
        "width": None,
        "height": None,
        "playable": None,
        "original": None,
        "poster": None,
        "stream": stream or None,
        "evidence": asdict(video.evidence) if video.evidence else None,
        "progress": asdict(expected) if expected else None,
        "seal": None,
        "seal_head": video.seal_head,
        "gaps": [],
        **{name: stream[name] for name in ("duration_seconds", "width", "height") if stream},
        **outcome,
    }
