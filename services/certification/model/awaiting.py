"""What an emission waits for that no person at its page can bring about, and since when: the ground of "stuck".

Waiting for the clerk or the holder is no fault, however long; the one exception is a withheld certificate, which is
revoked when its term is not signed in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.certification.model.policy import Patience
from services.certification.model.state import EmissionState


@dataclass(frozen=True, slots=True)
class Awaited:
    """``what``: see :data:`contracts.certification.AWAITED`. ``since``: from when on it could be there, or when it is due."""

    what: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """An awaited thing that has not come within its limit, which passed at ``limit_at``."""

    what: str
    since: datetime
    limit_at: datetime


def awaited(state: EmissionState) -> tuple[Awaited, ...]:
    """All that the emission waits for now."""
    found = (*_of_the_room(state), *_of_the_videos(state), *_of_the_message(state), *_of_the_certificate(state))
    due = (Awaited("expiry", state.deadline),) if state.deadline else ()
    return (*found, *due)


def overdue(waits: Iterable[Awaited], now: datetime, patience: Patience) -> tuple[Overdue, ...]:
    """Those that have not come within their limit, longest first."""
    limits = limits_of(patience)
    passed = (Overdue(wait.what, wait.since, wait.since + limits[wait.what]) for wait in waits if wait.what in limits)
    return tuple(sorted((each for each in passed if each.limit_at <= now), key=lambda each: each.limit_at))


def limits_of(patience: Patience) -> Mapping[str, timedelta]:
    """How long each may take; negative: before it is due."""
    return {
        "room": patience.room,
        "recording": patience.conference,
        "recording_end": patience.conference,
        "conference_end": patience.conference,
        "video": patience.video,
        "video_retry": timedelta(0),
        "delivery": patience.delivery,
        "issue": patience.issue,
        "term": patience.issue,
        "signature": -patience.signature_notice,
        "expiry": patience.timer,
    }


def _of_the_room(state: EmissionState) -> tuple[Awaited, ...]:
    if state.mode != "remote" or state.state != "started":
        return ()
    conference = state.conference
    if conference is None:
        return (Awaited("room", state.state_since),)
    if conference.ended_at is not None:
        if not state.own_recordings:
            return (Awaited("recording", conference.ended_at),)
        running = any(recording.video == "none" for recording in state.own_recordings)
        return (Awaited("recording_end", conference.ended_at),) if running else ()
    if state.conference_state == "recorded":
        return (Awaited("conference_end", max(recording.video_since for recording in state.own_recordings)),)
    return ()


def _of_the_videos(state: EmissionState) -> tuple[Awaited, ...]:
    """Also of conferences before the present one, and after the end: a recording is evidence."""
    processing = [recording.video_since for recording in state.recordings if recording.video == "processing"]
    failed = [recording.video_since for recording in state.own_recordings if recording.video == "failed" and state.open]
    found = (Awaited("video", min(processing)),) if processing else ()
    return (*found, Awaited("video_retry", min(failed))) if failed else found


def _of_the_message(state: EmissionState) -> tuple[Awaited, ...]:
    invitation = state.invitation
    if invitation is None or invitation.delivery != "queued" or invitation.matched or not state.open:
        return ()
    return (Awaited("delivery", invitation.sent_at),)


def _of_the_certificate(state: EmissionState) -> tuple[Awaited, ...]:
    if state.open and state.intent is not None:
        return (Awaited("issue", state.updated_at),)
    if state.state != "issued" or state.certificate is None:
        return ()
    unsigned = (Awaited("signature", state.certificate.sign_by or state.due),)
    return unsigned if state.term else (Awaited("term", state.state_since), *unsigned)
