"""Emissions, their videos and history."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate

from contracts import certification, media
from contracts.operation import Request, Shape
from gateway.api import authentication
from gateway.security import access
from gateway.stuck import stuck_emissions
from gateway.views import ask, tell

blueprint = Blueprint("emissions", __name__, url_prefix="/api", description="Emissions")
blueprint.before_request(authentication.authenticate)
READERS = ("clerk", "administrator", "auditor", "operator")


class ListQuery(Request):
    """Filters; ``before`` is the ``started_at`` of the last row of the page before."""

    person_id = fields.String()
    protocol = fields.String()
    state = fields.String(validate=validate.OneOf(certification.STATES))
    before = fields.DateTime()
    limit = fields.Integer(validate=validate.Range(min=1, max=200))


class HistoryQuery(Request):
    """``up_to``: the state after that version."""

    up_to = fields.Integer()


class AttestBody(Request):
    """All three must be true."""

    identity = fields.Boolean(required=True)
    capacity = fields.Boolean(required=True)
    free_will = fields.Boolean(required=True)


class ConfirmBody(Request):
    """The version that was seen."""

    registration_version = fields.Integer(required=True)


class InviteBody(Request):
    """Where the link is sent."""

    channel = fields.String(validate=validate.OneOf(("email", "sms")), required=True)


class ReasonBody(Request):
    """Why."""

    reason = fields.String(validate=validate.Length(min=3, max=500), required=True)


class RevokeBody(Request):
    """A reason of RFC 5280, 5.3.1."""

    reason = fields.String(validate=validate.OneOf(certification.REVOCATION_REASONS), required=True)


class UnhandledEvent(Shape):
    """An event about the emission that its consumer could not handle; operators can give it back."""

    id = fields.String(required=True)
    queue = fields.String(required=True)
    type = fields.String(allow_none=True)
    error = fields.String(required=True)
    failed_at = fields.String(allow_none=True)


class ExplainedWait(certification.Wait):
    """With words in the reader's language."""

    cause = fields.String(required=True)
    next_step = fields.String(required=True)


class ExplainedEmission(certification.StuckEmission):
    """With the unhandled events about it."""

    waits = fields.List(fields.Nested(ExplainedWait), required=True)
    dead_letters = fields.List(fields.Nested(UnhandledEvent), required=True)


class StuckAnswer(certification.StuckReply):
    """``letters_known`` is false where unhandled events could not be looked for."""

    emissions = fields.List(fields.Nested(ExplainedEmission), required=True)
    letters_known = fields.Boolean(required=True)


def _office() -> dict[str, Any]:
    account = access.account()
    return {"office_id": account.office_id} if account.role in access.CLERKS else {}


def _seen(emission_id: str) -> dict[str, Any]:
    found = ask(certification.GET_EMISSION, emission_id=emission_id)
    access.check_office(found)
    return found


@blueprint.route("/emissions")
class Emissions(MethodView):
    """All emissions that the account may see."""

    @access.requires(*READERS)
    @blueprint.arguments(ListQuery, location="query")
    @blueprint.response(200, certification.EmissionsReply)
    def get(self, query: dict[str, Any]) -> Any:
        """Newest first."""
        return ask(certification.LIST_EMISSIONS, **query, **_office())

    @access.requires(*access.CLERKS)
    @blueprint.arguments(certification.StartEmissionRequest)
    @blueprint.response(201, certification.Emission)
    def post(self, body: dict[str, Any]) -> Any:
        """Start an emission."""
        return tell(certification.START_EMISSION, **body)


@blueprint.route("/emissions/stuck")
class Stuck(MethodView):
    """Emissions that have waited for longer than their state may take."""

    @access.requires(*READERS)
    @blueprint.response(200, StuckAnswer)
    def get(self) -> Any:
        """Those that wait longest first, each wait with its cause and the next step in words."""
        return stuck_emissions(access.actor())


@blueprint.route("/emissions/<emission_id>")
class Emission(MethodView):
    """One emission."""

    @access.requires(*READERS)
    @blueprint.response(200, certification.Emission)
    def get(self, emission_id: str) -> Any:
        """Where it stands, and which commands are possible now (``allowed``)."""
        return _seen(emission_id)


@blueprint.route("/emissions/<emission_id>/history")
class History(MethodView):
    """Every event of an emission."""

    @access.requires(*access.VIEWERS)
    @blueprint.arguments(HistoryQuery, location="query")
    @blueprint.response(200, certification.HistoryReply)
    def get(self, query: dict[str, Any], emission_id: str) -> Any:
        """The events with their hash chain, and the state after the last (or after ``up_to``)."""
        _seen(emission_id)
        return ask(certification.GET_HISTORY, emission_id=emission_id, **query)


@blueprint.route("/emissions/<emission_id>/videos")
class Videos(MethodView):
    """The recordings of an emission."""

    @access.requires(*READERS)
    @blueprint.response(200, media.VideosReply)
    def get(self, emission_id: str) -> Any:
        """Newest first; the bytes are at ``/emissoes/<id>/videos/<recording_id>/playable``."""
        _seen(emission_id)
        return ask(media.GET_VIDEOS, emission_id=emission_id)


@blueprint.route("/emissions/<emission_id>/spoken-words")
class SpokenWords(MethodView):
    """The two words that the clerk tells the holder."""

    @access.requires(*access.CLERKS)
    @blueprint.response(200, certification.SpokenWordsReply)
    def get(self, emission_id: str) -> Any:
        """Null once nobody asks for them any more."""
        _seen(emission_id)
        return ask(certification.GET_SPOKEN_WORDS, emission_id=emission_id)


COMMANDS = {
    "attest-identification": (certification.ATTEST_IDENTIFICATION, AttestBody, "Attest identity, capacity and free will."),
    "confirm-data": (certification.CONFIRM_DATA, ConfirmBody, "Confirm the data of a registration's version."),
    "invite-holder": (certification.INVITE_HOLDER, InviteBody, "Send the certificate's link to the holder."),
    "refuse": (certification.REFUSE_EMISSION, ReasonBody, "Refuse: the person could not be identified."),
    "mark-inconclusive": (certification.MARK_INCONCLUSIVE, ReasonBody, "End without a result; may be retried."),
    "retry-identification": (certification.RETRY_IDENTIFICATION, Request, "Identify the person once more."),
    "cancel": (certification.CANCEL_EMISSION, ReasonBody, "Cancel the emission."),
    "revoke-certificate": (certification.REVOKE_CERTIFICATE, RevokeBody, "Revoke the certificate."),
}


def _add_command(name: str, operation: Any, body_schema: type[Request], summary: str) -> None:
    """One address for one command on an emission."""

    class Command(MethodView):
        @access.requires(*access.CLERKS)
        @blueprint.arguments(body_schema)
        @blueprint.response(200, certification.Emission)
        def post(self, body: dict[str, Any], emission_id: str) -> Any:
            _seen(emission_id)
            return tell(operation, emission_id=emission_id, **body)

    Command.__doc__ = summary
    Command.post.__doc__ = summary
    blueprint.route(f"/emissions/<emission_id>/{name}", endpoint=name)(Command)


for _name, (_operation, _schema, _summary) in COMMANDS.items():
    _add_command(_name, _operation, _schema, _summary)
