"""Pictures of the identity document: the clerk asks, the holder's browser sends, the clerk accepts or asks anew."""

from __future__ import annotations

from typing import Any

from chassis.rpc import Call
from services.conference.application import commands
from services.conference.application.ports import Rooms
from services.conference.model import document_picture
from services.conference.model.people import PictureFacts


def request_document_picture(rooms: Rooms, call: Call, conference_id: str) -> dict[str, Any]:
    """Ask the holder in the room for a picture."""
    conference = commands.own(rooms, call, conference_id)
    picture_id, now = rooms.new_suffix() + rooms.new_suffix(), rooms.now()
    commands.change(rooms, call, conference, lambda then: document_picture.request(then, picture_id, now))
    return commands.view(rooms, commands.get(rooms, conference_id))


def withdraw_document_picture(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """It is not wanted any more."""
    conference = commands.own(rooms, call, data["conference_id"])
    now = rooms.now()
    commands.change(rooms, call, conference, lambda then: document_picture.withdraw(then, data["picture_id"], now))
    return commands.view(rooms, commands.get(rooms, conference.conference_id))


def send_document_picture(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Note the picture that the admitted holder's browser took."""
    conference = commands.by_token(rooms, data["token"])
    admission_id, now = commands.admission_of(rooms, conference, data), rooms.now()
    facts = PictureFacts(**data["facts"])
    commands.change(
        rooms, call, conference, lambda then: document_picture.take(then, data["picture_id"], admission_id, facts, now)
    )
    return commands.holder_view(commands.get(rooms, conference.conference_id), admission_id)


def accept_document_picture(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Note that the registration has it."""
    conference = commands.own(rooms, call, data["conference_id"])
    now = rooms.now()
    commands.change(
        rooms,
        call,
        conference,
        lambda then: document_picture.accept(then, data["picture_id"], data["attachment_id"], data["sha256"], now),
    )
    return commands.view(rooms, commands.get(rooms, conference.conference_id))
