"""Facts of other services, noted in the history: at any time, in any order, each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.errors import NotFound
from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import happened

Decision = tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class ConferenceFact:
    """A fact of a conference. ``name``: one of the ``…Noted`` events of conferences; ``cause``: the id of its event.

    ``more``: what only that event says, by its keys.
    """

    name: str
    cause: str
    conference_id: str
    at: datetime
    recording_id: str | None = None
    reason: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VideoFact:
    """A video was processed, or failed for a ``reason``."""

    cause: str
    recording_id: str
    conference_id: str
    playable_sha256: str | None = None
    original_sha256: str | None = None
    duration_seconds: float | None = None
    reason: str | None = None
    seal_head: str | None = None
    gaps: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """A message reached its channel, or did not."""

    cause: str
    message_id: str
    delivered: bool
    reason: str | None = None


def decide_note_conference(state: EmissionState | None, fact: ConferenceFact) -> Decision:
    """Note a fact of a conference."""
    present = _known(state)
    if fact.cause in present.causes:
        return ()
    noted = happened(
        present,
        fact.name,
        conference_id=fact.conference_id,
        recording_id=fact.recording_id,
        at=fact.at,
        reason=fact.reason,
        **fact.more,
    )
    return (noted,)


def decide_note_video(state: EmissionState | None, fact: VideoFact) -> Decision:
    """Note a processed video; a failure that comes late for a video already done changes nothing."""
    present = _known(state)
    done = any(known.recording_id == fact.recording_id and known.video == "done" for known in present.recordings)
    if fact.cause in present.causes or (fact.reason is not None and done):
        return ()
    noted = happened(
        present,
        "VideoNoted" if fact.reason is None else "VideoFailureNoted",
        recording_id=fact.recording_id,
        conference_id=fact.conference_id,
        playable_sha256=fact.playable_sha256,
        original_sha256=fact.original_sha256,
        duration_seconds=fact.duration_seconds,
        seal_head=fact.seal_head,
        gaps=list(fact.gaps),
        reason=fact.reason,
    )
    return (noted,)


def decide_note_delivery(state: EmissionState | None, fact: DeliveryFact) -> Decision:
    """Note what became of a message."""
    present = _known(state)
    if fact.cause in present.causes:
        return ()
    return (happened(present, "DeliveryNoted", message_id=fact.message_id, delivered=fact.delivered, reason=fact.reason),)


def _known(state: EmissionState | None) -> EmissionState:
    if state is None:
        raise NotFound("no such emission", field="emission_id")
    return state
