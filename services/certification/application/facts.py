"""Consumed events: what other services say, noted in the emission's history."""

from __future__ import annotations

from typing import Any

from contracts import conference, media, notify
from contracts.envelope import Envelope
from services.certification.application.history import change, of_event
from services.certification.application.ports import Ports
from services.certification.model.facts import (
    ConferenceFact,
    DeliveryFact,
    VideoFact,
    decide_note_conference,
    decide_note_delivery,
    decide_note_video,
)

NOTED_AS = {
    conference.CONFERENCE_OPENED.name: (conference.CONFERENCE_OPENED, "ConferenceOpeningNoted"),
    conference.CONFERENCE_STARTED.name: (conference.CONFERENCE_STARTED, "ConferenceStartNoted"),
    conference.PARTICIPANT_ADMITTED.name: (conference.PARTICIPANT_ADMITTED, "ParticipantAdmissionNoted"),
    conference.PARTICIPANT_EJECTED.name: (conference.PARTICIPANT_EJECTED, "ParticipantEjectionNoted"),
    conference.RECORDING_STARTED.name: (conference.RECORDING_STARTED, "RecordingStartNoted"),
    conference.RECORDING_STOPPED.name: (conference.RECORDING_STOPPED, "RecordingStopNoted"),
    conference.CHECKLIST_ITEM_TICKED.name: (conference.CHECKLIST_ITEM_TICKED, "ChecklistTickNoted"),
    conference.CHECKLIST_ITEM_CLEARED.name: (conference.CHECKLIST_ITEM_CLEARED, "ChecklistClearingNoted"),
    conference.DOCUMENT_PICTURE_ACCEPTED.name: (conference.DOCUMENT_PICTURE_ACCEPTED, "DocumentPictureNoted"),
    conference.ABANDONMENT_WARNED.name: (conference.ABANDONMENT_WARNED, "AbandonmentWarningNoted"),
    conference.CONFERENCE_ENDED.name: (conference.CONFERENCE_ENDED, "ConferenceEndNoted"),
}
MORE = ("item", "closes_at", "picture_id", "participant_id", "sha256", "content_type", "size", "width", "height", "attachment_id")
VIDEO_EVENTS = {event.name: event for event in (media.VIDEO_PROCESSED, media.VIDEO_FAILED)}
DELIVERY_EVENTS = {event.name: event for event in (notify.NOTIFICATION_DELIVERED, notify.NOTIFICATION_FAILED)}


def note_conference(ports: Ports, envelope: Envelope) -> None:
    """Something happened in a conference: opened, recorded, ended; holder admitted, ejected; item ticked, document kept."""
    event, noted_as = NOTED_AS[envelope.type]
    data = event.load(envelope.data)
    fact = ConferenceFact(
        name=noted_as,
        cause=envelope.id,
        conference_id=data["conference_id"],
        at=data.get("taken_at") or envelope.time,
        recording_id=data.get("recording_id"),
        reason=data.get("reason"),
        more={name: data[name] for name in MORE if name in data},
    )
    change(ports, data["emission_id"], of_event(envelope), lambda state: decide_note_conference(state, fact))


def note_video(ports: Ports, envelope: Envelope) -> None:
    """A video was processed, or failed."""
    data = VIDEO_EVENTS[envelope.type].load(envelope.data)
    names = ("recording_id", "conference_id", "playable_sha256", "original_sha256", "duration_seconds", "seal_head", "reason")
    gaps = tuple(data.get("gaps", ()))
    said: dict[str, Any] = {name: data.get(name) for name in names}
    fact = VideoFact(cause=envelope.id, gaps=gaps, **said)
    change(ports, data["emission_id"], of_event(envelope), lambda state: decide_note_video(state, fact))


def note_delivery(ports: Ports, envelope: Envelope) -> None:
    """A message arrived, or finally did not; a failure before the last attempt is not worth a line of history."""
    data = DELIVERY_EVENTS[envelope.type].load(envelope.data)
    if data.get("final") is False:
        return
    fact = DeliveryFact(
        cause=envelope.id,
        message_id=data["message_id"],
        delivered=envelope.type == "NotificationDelivered",
        reason=data.get("reason"),
    )
    change(ports, data["emission_id"], of_event(envelope), lambda state: decide_note_delivery(state, fact))
