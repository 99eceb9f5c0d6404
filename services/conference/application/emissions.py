"""What certification's events mean for conferences."""

from __future__ import annotations

import uuid
from datetime import datetime

from chassis.logs import get_logger
from contracts.envelope import Envelope
from contracts.errors import Unavailable
from services.conference.application import caretaking, placing
from services.conference.application.ports import Rooms, Trigger
from services.conference.model import conference as model
from services.conference.model.conference import Conference

logger = get_logger(__name__)
NAMESPACE = uuid.UUID("5b3a1f0e-6c57-4d0a-9b0e-6a2f3b1c9d47")
REASONS = {
    "EmissionRefused": "refused",
    "EmissionCancelled": "cancelled",
    "EmissionInconclusive": "inconclusive",
    "EmissionExpired": "expired",
}


def open_for_emission(rooms: Rooms, envelope: Envelope) -> None:
    """A remote emission started: open its conference. The same event opens nothing twice."""
    if envelope.data["mode"] == "remote":
        _open(rooms, envelope, envelope.data.get("office_name"))


def open_for_retry(rooms: Rooms, envelope: Envelope) -> None:
    """The identification is tried again: open a fresh conference."""
    earlier = rooms.conferences.of_emission(envelope.data["emission_id"])
    if not earlier:
        raise Unavailable("the emission's first conference is not known yet")
    _open(rooms, envelope, earlier[0].office_name)


def _open(rooms: Rooms, envelope: Envelope, office_name: str | None) -> None:
    conference_id = str(uuid.uuid5(NAMESPACE, envelope.id))
    emission_id = envelope.data["emission_id"]
    if rooms.conferences.get(conference_id) is None:
        _store(rooms, envelope, conference_id, office_name)
    trigger = Trigger(actor=envelope.actor, cause=envelope.id)
    ended = rooms.conferences.ending(emission_id)
    if ended and ended >= envelope.time:  # the end overtook the start
        _end(rooms, conference_id, "cancelled", trigger)
        return
    opened = rooms.conferences.get(conference_id)
    if opened is None or not opened.live:
        return
    try:
        caretaking.ensure_room(rooms, opened)
    except Unavailable:
        logger.warning("the room will be made at the next look", conference_id=conference_id)


def _store(rooms: Rooms, envelope: Envelope, conference_id: str, office_name: str | None) -> None:
    conference = Conference(
        conference_id=conference_id,
        emission_id=envelope.data["emission_id"],
        office_id=envelope.data["office_id"],
        office_name=office_name,
        asked_at=envelope.time,
        opened_at=rooms.now(),
        recording_id=str(uuid.uuid5(uuid.UUID(conference_id), "recording")),
        instance=placing.choose(rooms),
    )
    trigger = Trigger(actor=envelope.actor, cause=envelope.id)
    rooms.conferences.change(conference_id, lambda present: None if present else model.open_conference(conference), trigger)


def end_for_emission(rooms: Rooms, envelope: Envelope) -> None:
    """The emission is over, or its identification inconclusive: end the conferences that were asked for before."""
    emission_id = envelope.data["emission_id"]
    rooms.conferences.note_ending(emission_id, envelope.time)
    trigger = Trigger(actor=envelope.actor, cause=envelope.id)
    for conference in rooms.conferences.of_emission(emission_id):
        if conference.live and _asked_before(conference, envelope.time):
            _end(rooms, conference.conference_id, REASONS[envelope.type], trigger)


def _asked_before(conference: Conference, moment: datetime) -> bool:
    return conference.asked_at <= moment


def _end(rooms: Rooms, conference_id: str, reason: str, trigger: Trigger) -> None:
    now = rooms.now()
    rooms.conferences.change(conference_id, lambda present: model.end_for(present, reason, now) if present else None, trigger)
    caretaking.close_if_possible(rooms, conference_id)
