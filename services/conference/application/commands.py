"""What clerks and holders ask of a conference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from chassis.rpc import Call
from contracts.errors import Forbidden, InvalidInput, LinkUnusable, NotFound, Unavailable
from services.conference.application import caretaking
from services.conference.application.ports import RoomGone, Rooms, Trigger
from services.conference.model import admission, document_picture
from services.conference.model import conference as model
from services.conference.model.conference import Conference, Decision
from services.conference.model.people import SCREEN_SUFFIX, Role
from services.conference.model.token import make_token, read_admission, read_token

OFFICE_BOUND = ("clerk", "administrator")


def get_conference(rooms: Rooms, call: Call, emission_id: str) -> dict[str, Any]:
    """The latest conference of an emission."""
    found = rooms.conferences.of_emission(emission_id)
    if not found:
        raise NotFound("the emission has no conference", field="emission_id")
    _check_office(call, found[0])
    return view(rooms, found[0])


def get_join_link(rooms: Rooms, data: dict[str, Any]) -> dict[str, Any]:
    """What the holder's page may know before joining."""
    conference = by_token(rooms, data["token"])
    return holder_view(conference, admission_of(rooms, conference, data))


def admission_of(rooms: Rooms, conference: Conference, data: dict[str, Any]) -> str | None:
    """The id of the admission whose secret the browser shows."""
    return read_admission(rooms.rules.secret, conference.conference_id, data.get("admission"))


def get_route(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Where the browser will connect, for whoever may join and as long as that is possible."""
    conference, _role = _addressed(rooms, call, data)
    if not conference.live:
        raise LinkUnusable("the conference is over", reason="ended")
    if conference.instance is None:
        raise Unavailable("no SFU instance has taken the room yet", reason="instance")
    until = rooms.now() + rooms.rules.trial
    return {
        "signalling_url": rooms.at(conference).signalling_url,
        "ice_servers": rooms.rules.ice_for(conference.conference_id, until),
    }


def join_conference(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Give a browser what it needs to publish a camera (an id for this stay), or a screen beside it."""
    conference, role = _addressed(rooms, call, data)
    admission_id = admission_of(rooms, conference, data) if role == "holder" else None
    if data["purpose"] == "screen":
        camera_id = data.get("participant_id")
        if not camera_id:
            raise InvalidInput("whose screen?", field="participant_id", reason="missing")
        participant_id = camera_id + SCREEN_SUFFIX
        change(rooms, call, conference, lambda now: model.share_screen(now, role, camera_id, admission_id), participant_id)
    else:
        fresh = f"{role}-{rooms.new_suffix()}"
        display_name = data["display_name"].strip()
        if not display_name:
            raise InvalidInput("who comes in?", field="display_name", reason="missing")
        stored = change(rooms, call, conference, lambda now: model.join(now, role, fresh, display_name, admission_id), fresh)
        participant_id = stored or fresh
        _replace_stay(rooms, call, conference, role, data.get("participant_id"))
    present = get(rooms, conference.conference_id)
    instance = rooms.at(caretaking.ensure_room(rooms, present))
    until = rooms.now() + rooms.rules.access
    access = instance.sfu.access(conference.conference_id, until)
    return {
        "conference_id": conference.conference_id,
        "participant_id": participant_id,
        "room": conference.conference_id,
        "signalling_url": instance.signalling_url,
        **asdict(access),
        "ice_servers": rooms.rules.ice_for(participant_id, until),
        "bitrate": rooms.rules.bitrate,
    }


def _replace_stay(rooms: Rooms, call: Call, conference: Conference, role: Role, previous_id: str | None) -> None:
    """A browser that comes back names its last stay: that one, perhaps still shown as present, is over."""
    previous = conference.find(previous_id) if previous_id else None
    if previous and previous.role == role and previous.purpose == "camera" and not previous.dismissed:
        _dismiss(rooms, call, conference, role, previous.participant_id)


def leave_conference(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Leave the room; conference and recording go on."""
    conference, role = _addressed(rooms, call, data)
    if conference.live:
        _dismiss(rooms, call, conference, role, data["participant_id"])
    return holder_view(get(rooms, conference.conference_id))


def _dismiss(rooms: Rooms, call: Call, conference: Conference, role: Role, participant_id: str) -> None:
    now = rooms.now()
    rooms.conferences.change(
        conference.conference_id,
        lambda present: model.leave(_there(present), role, participant_id, now),
        Trigger(actor=actor_of(call), cause=call.command_id),
    )
    for gone in (participant_id, participant_id + SCREEN_SUFFIX):
        caretaking.send_out(rooms, conference, gone)


def start_conference(rooms: Rooms, call: Call, conference_id: str) -> dict[str, Any]:
    """From now on the holder may come in."""
    conference = own(rooms, call, conference_id)
    now = rooms.now()
    change(rooms, call, conference, lambda present: model.start(present, now))
    return view(rooms, get(rooms, conference_id))


def start_recording(rooms: Rooms, call: Call, conference_id: str) -> dict[str, Any]:
    """Ask for the recording. The caretaker puts the light on once media is on disk."""
    conference = own(rooms, call, conference_id)
    change(rooms, call, conference, model.request_recording)
    conference = get(rooms, conference_id)
    if conference.live:
        conference = caretaking.ensure_room(rooms, conference)
        try:
            rooms.at(conference).sfu.start_recording(conference_id)
        except RoomGone as error:
            raise Unavailable("the room is being made anew", conference_id=conference_id) from error
    return view(rooms, conference)


def tick_checklist(rooms: Rooms, call: Call, conference_id: str, item: str, done: bool) -> dict[str, Any]:
    """Bind an item of the checklist to this moment of the recording, or take that back."""
    conference = own(rooms, call, conference_id)
    now = rooms.now()
    change(rooms, call, conference, lambda present: model.tick(present, item, done, now))
    return view(rooms, get(rooms, conference_id))


def end_conference(rooms: Rooms, call: Call, conference_id: str) -> dict[str, Any]:
    """End it: the recorder closes its files and the room goes away, here or, if the SFU does not answer, by the caretaker."""
    conference = own(rooms, call, conference_id)
    now = rooms.now()
    change(rooms, call, conference, lambda present: model.end(present, now))
    caretaking.close_if_possible(rooms, conference_id)
    return view(rooms, get(rooms, conference_id))


def actor_of(call: Call) -> dict[str, Any]:
    """The part of an actor that events may carry."""
    return {"user_id": call.actor.user_id, "role": call.actor.role, "office_id": call.actor.office_id}


def change(
    rooms: Rooms, call: Call, conference: Conference, decide: Callable[[Conference], Decision | None], reply: Any = None
) -> Any:
    """Store what is decided; a repeated command changes nothing and returns the reply of then."""
    trigger = Trigger(actor=actor_of(call), command_id=call.command_id, cause=call.command_id)
    return rooms.conferences.change(conference.conference_id, lambda now: decide(_there(now)), trigger, reply)


def _addressed(rooms: Rooms, call: Call, data: dict[str, Any]) -> tuple[Conference, Role]:
    """Which conference is meant: a holder proves it by the token, a clerk by the office."""
    if call.actor.role == "holder":
        if not data.get("token"):
            raise InvalidInput("a holder joins by token", field="token", reason="missing")
        return by_token(rooms, data["token"]), "holder"
    if not data.get("conference_id"):
        raise InvalidInput("a clerk joins by conference", field="conference_id", reason="missing")
    return own(rooms, call, data["conference_id"]), "clerk"


def by_token(rooms: Rooms, token: str) -> Conference:
    """The conference of a join link."""
    found = rooms.conferences.get(read_token(rooms.rules.secret, token))
    if found is None:
        raise LinkUnusable("no such join link", reason="unknown")
    return found


def own(rooms: Rooms, call: Call, conference_id: str) -> Conference:
    """The conference, where it is one of the clerk's office."""
    conference = get(rooms, conference_id)
    _check_office(call, conference)
    return conference


def _check_office(call: Call, conference: Conference) -> None:
    if call.actor.role in OFFICE_BOUND and call.actor.office_id != conference.office_id:
        raise Forbidden("the conference belongs to another office", reason="office")


def get(rooms: Rooms, conference_id: str) -> Conference:
    """The conference as it is stored now."""
    found = rooms.conferences.get(conference_id)
    if found is None:
        raise NotFound("no such conference", field="conference_id")
    return found


def _there(conference: Conference | None) -> Conference:
    if conference is None:
        raise NotFound("no such conference", field="conference_id")
    return conference


def view(rooms: Rooms, conference: Conference) -> dict[str, Any]:
    """As the clerk sees it."""
    picture = document_picture.latest(conference)
    return {
        "conference_id": conference.conference_id,
        "emission_id": conference.emission_id,
        "office_id": conference.office_id,
        "office_name": conference.office_name,
        "state": conference.state,
        "recording": conference.recording,
        "join_token": make_token(rooms.rules.secret, conference.conference_id),
        "participants": [asdict(one) for one in conference.people],
        "opened_at": conference.opened_at,
        "started_at": conference.started_at,
        "recording_started_at": conference.recording_started_at,
        "recording_stopped_at": conference.recording_stopped_at,
        "ended_at": conference.ended_at,
        "warned_at": conference.warned_at,
        "closes_at": conference.closes_at(rooms.rules.patience),
        "checklist": [asdict(tick) for tick in conference.checklist],
        "admissions": [asdict(one) for one in conference.admissions],
        "document_picture": document_picture.as_shown(picture) if picture else None,
    }


def holder_view(conference: Conference, admission_id: str | None = None) -> dict[str, Any]:
    """As the link shows it: nothing of any person, and of the waiting room only what concerns the browser that asks."""
    asked = admission.find(conference, admission_id) if admission_id else None
    return {
        "conference_id": conference.conference_id,
        "emission_id": conference.emission_id,
        "office_name": conference.office_name,
        "state": conference.state,
        "recording": conference.recording,
        "clerk_present": conference.is_present("clerk"),
        "admission_state": asked.state if asked else None,
        "picture_wanted": document_picture.wanted_of(conference, admission_id),
    }
