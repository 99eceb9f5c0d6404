"""The conference of an emission: its state, the way in, and the clerk's commands."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate

from contracts import certification
from contracts import conference as contract
from contracts.operation import Operation, Request, Shape
from gateway.api import authentication
from gateway.links import join_link
from gateway.security import access
from gateway.views import ask, tell

blueprint = Blueprint("conferences", __name__, url_prefix="/api", description="Conferences")
blueprint.before_request(authentication.authenticate)


class JoinBody(Request):
    """How the clerk is called in the room, and which stay of the same browser this one replaces."""

    display_name = fields.String(validate=validate.Length(min=1, max=80), required=True)
    participant_id = fields.String(allow_none=True, load_default=None)


class JoinLinkReply(Shape):
    """The address that the holder opens; whoever has it may ask to come into the room."""

    link = fields.String(required=True)


def _conference(emission_id: str) -> dict[str, Any]:
    access.check_office(ask(certification.GET_EMISSION, emission_id=emission_id))
    return ask(contract.GET_CONFERENCE, emission_id=emission_id)


@blueprint.route("/emissions/<emission_id>/conference")
class Conference(MethodView):
    """The latest conference of an emission."""

    @access.requires(*access.VIEWERS)
    @blueprint.response(200, contract.ConferenceReply(exclude=("join_token",)))
    def get(self, emission_id: str) -> Any:
        """Its state and participants; the holder's token is given to nobody here."""
        return _conference(emission_id)


@blueprint.route("/emissions/<emission_id>/conference/link")
class JoinLink(MethodView):
    """The holder's way into the room."""

    @access.requires(*access.CLERKS)
    @blueprint.response(200, JoinLinkReply)
    def get(self, emission_id: str) -> Any:
        """To be sent to the holder."""
        return {"link": join_link(_conference(emission_id))}


@blueprint.route("/emissions/<emission_id>/conference/join")
class Join(MethodView):
    """The clerk's way into the room."""

    @access.requires(*access.CLERKS)
    @blueprint.arguments(JoinBody)
    @blueprint.response(200, contract.RoomAccess)
    def post(self, body: dict[str, Any], emission_id: str) -> Any:
        """What a browser needs to join."""
        conference_id = _conference(emission_id)["conference_id"]
        return tell(contract.JOIN_CONFERENCE, conference_id=conference_id, purpose="camera", **body)


class TickBody(Request):
    """Which item of the checklist; ``done`` false takes a tick back."""

    item = fields.String(validate=validate.OneOf(contract.CHECKLIST), required=True)
    done = fields.Boolean(load_default=True)


@blueprint.route("/emissions/<emission_id>/conference/checklist")
class Checklist(MethodView):
    """What must be heard and seen in the recording."""

    @access.requires(*access.CLERKS)
    @blueprint.arguments(TickBody)
    @blueprint.response(200, contract.ConferenceReply(exclude=("join_token",)))
    def post(self, body: dict[str, Any], emission_id: str) -> Any:
        """Bind an item to this moment of the recording."""
        return tell(contract.TICK_CHECKLIST, conference_id=_conference(emission_id)["conference_id"], **body)


class AdmissionBody(Request):
    """Whom the decision is about: an `admission_id` of the conference's `admissions`."""

    admission_id = fields.String(required=True)


COMMANDS = {
    "start": (contract.START_CONFERENCE, "Start: from now on the holder may be admitted."),
    "record": (contract.START_RECORDING, "Start to record; `recording` is `on` once media is on disk."),
    "end": (contract.END_CONFERENCE, "End conference and recording."),
}
DECISIONS = {
    "admit": (contract.ADMIT_PARTICIPANT, "Let a holder in who waits; one at a time is in the room."),
    "refuse": (contract.REFUSE_ADMISSION, "Do not let a holder in who waits; it may ask again."),
    "eject": (contract.EJECT_PARTICIPANT, "Send the admitted holder out of the room; it may ask again."),
}


def _add_command(name: str, operation: Operation, summary: str, body: type[Request] = Request) -> None:
    class Command(MethodView):
        @access.requires(*access.CLERKS)
        @blueprint.arguments(body)
        @blueprint.response(200, contract.ConferenceReply(exclude=("join_token",)))
        def post(self, sent: dict[str, Any], emission_id: str) -> Any:
            return tell(operation, conference_id=_conference(emission_id)["conference_id"], **sent)

    Command.__doc__ = summary
    Command.post.__doc__ = summary
    blueprint.route(f"/emissions/<emission_id>/conference/{name}", endpoint=f"conference-{name}")(Command)


for _name, (_operation, _summary) in COMMANDS.items():
    _add_command(_name, _operation, _summary)
for _name, (_operation, _summary) in DECISIONS.items():
    _add_command(_name, _operation, _summary, AdmissionBody)
