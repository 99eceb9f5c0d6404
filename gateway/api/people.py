"""People and registrations."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import fields, validate

from contracts import registry
from contracts.operation import Request
from gateway import looks
from gateway.api import authentication
from gateway.clerk.attachments import accept_upload
from gateway.security import access
from gateway.security.guards import LOOKUP_RATE, limiter
from gateway.views import ask, tell

blueprint = Blueprint("people", __name__, url_prefix="/api", description="People and registrations")
blueprint.before_request(authentication.authenticate)


class VersionQuery(Request):
    """Which version; the current one if none is named."""

    version = fields.Integer(allow_none=True, load_default=None)


class AttachmentForm(Request):
    """What the file shows."""

    kind = fields.String(validate=validate.OneOf(registry.ATTACHMENT_KINDS), required=True)


class AttachmentFile(Request):
    """A JPEG, PNG or PDF of at most 10 MB."""

    file = Upload(required=True)


class UpdateBody(Request):
    """``expected_version`` is the version that was edited."""

    expected_version = fields.Integer(required=True)
    data = fields.Nested(registry.RegistrationData, required=True)


@blueprint.route("/people/lookup")
class Lookup(MethodView):
    """A CPF travels in bodies, never in addresses."""

    @limiter.limit(LOOKUP_RATE)
    @access.requires(*access.VIEWERS)
    @blueprint.arguments(registry.FindPersonRequest)
    @blueprint.response(200, registry.PersonReply)
    def post(self, question: dict[str, Any]) -> Any:
        """Who has this CPF."""
        found = ask(registry.FIND_PERSON, **question)
        looks.note_search(found["person_id"])
        return found


@blueprint.route("/registrations")
class Registrations(MethodView):
    """Registrations of the own office."""

    @access.requires(*access.CLERKS)
    @blueprint.arguments(registry.RegisterPersonRequest)
    @blueprint.response(201, registry.RegistrationReference)
    def post(self, body: dict[str, Any]) -> Any:
        """Register a person."""
        return tell(registry.REGISTER_PERSON, **body)


@blueprint.route("/registrations/<registration_id>")
class Registration(MethodView):
    """One registration."""

    @access.requires(*access.VIEWERS)
    @blueprint.arguments(VersionQuery, location="query")
    @blueprint.response(200, registry.RegistrationReply)
    def get(self, query: dict[str, Any], registration_id: str) -> Any:
        """One version, whole."""
        found = ask(registry.GET_REGISTRATION, registration_id=registration_id, **query)
        looks.note_registration(registration_id, "registration")
        return found

    @access.requires(*access.CLERKS)
    @blueprint.arguments(UpdateBody)
    @blueprint.response(200, registry.RegistrationReference)
    def put(self, body: dict[str, Any], registration_id: str) -> Any:
        """Change the own office's registration."""
        return tell(registry.UPDATE_REGISTRATION, registration_id=registration_id, **body)


@blueprint.route("/registrations/<registration_id>/attachments")
class Attachments(MethodView):
    """Images of a registration."""

    @access.requires(*access.CLERKS)
    @blueprint.arguments(AttachmentForm, location="form")
    @blueprint.arguments(AttachmentFile, location="files")
    @blueprint.response(201, registry.AttachmentReply)
    def post(self, _form: dict[str, Any], _files: dict[str, Any], registration_id: str) -> Any:
        """Add the identity document's image or the photo of the face."""
        return accept_upload(registration_id)
