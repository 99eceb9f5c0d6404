"""The waiting room: a holder asks to come in; the clerk admits, refuses, and sends out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chassis.rpc import Call
from contracts.errors import InvalidInput
from services.conference.application import caretaking, commands
from services.conference.application.ports import Rooms
from services.conference.model import admission
from services.conference.model.conference import Conference, Decision
from services.conference.model.token import make_admission

Decide = Callable[[Conference, str, datetime], Decision | None]


def request_admission(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Ask to come in; the reply holds the secret by which the same browser is known from now on."""
    conference = commands.by_token(rooms, data["token"])
    display_name = data["display_name"].strip()
    if not display_name:
        raise InvalidInput("who comes in?", field="display_name", reason="missing")
    known = commands.admission_of(rooms, conference, data)
    asked = known or rooms.new_suffix() + rooms.new_suffix()
    now = rooms.now()
    stored = commands.change(rooms, call, conference, lambda then: admission.request(then, asked, display_name, now), asked)
    admission_id = stored or asked
    secret = make_admission(rooms.rules.secret, conference.conference_id, admission_id)
    shown = commands.holder_view(commands.get(rooms, conference.conference_id), admission_id)
    return {**shown, "admission": secret}


def admit_participant(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Let a holder in who waits."""
    return _decide(rooms, call, data, admission.admit)


def refuse_admission(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Do not let a holder in who waits."""
    return _decide(rooms, call, data, admission.refuse)


def eject_participant(rooms: Rooms, call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Send the admitted holder out of the room."""
    return _decide(rooms, call, data, admission.eject)


def _decide(rooms: Rooms, call: Call, data: dict[str, Any], decide: Decide) -> dict[str, Any]:
    conference = commands.own(rooms, call, data["conference_id"])
    now = rooms.now()
    commands.change(rooms, call, conference, lambda then: decide(then, data["admission_id"], now))
    changed = commands.get(rooms, conference.conference_id)
    welcome = {one.participant_id for one in conference.participants if not one.dismissed}
    for one in changed.participants:
        if one.dismissed and one.participant_id in welcome:
            caretaking.send_out(rooms, changed, one.participant_id)
    return commands.view(rooms, changed)
