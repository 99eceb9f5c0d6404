"""The clerk's side of a picture of the identity document: asked for in the room, looked at, accepted into the registration."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request

from contracts import conference as contract
from contracts.errors import Conflict, InvalidInput, NotFound
from contracts.registry import ADD_ATTACHMENT
from gateway.clerk import blueprint
from gateway.clerk.emission import get_emission, registration_of
from gateway.clerk.room import answer_with_parts, command_in_room, present_conference
from gateway.downloads import send_object
from gateway.security import access
from gateway.views import tell

ATTACHMENTS = uuid.UUID("0f8d1c52-3f4b-5d55-9d0e-8f1f5a7f3c11")
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


@blueprint.post("/emissoes/<emission_id>/sala/documento/pedir")
@access.requires(*access.CLERKS)
def request_document_picture(emission_id: str) -> Any:
    """Ask the holder for a picture; one that waits to be accepted is thereby declined."""
    emission = get_emission(emission_id)
    registration = registration_of(emission)
    if registration and registration["office_id"] != access.actor().office_id:
        raise Conflict("the registration is another office's", reason="other_office_registration")
    return command_in_room(emission_id, contract.REQUEST_DOCUMENT_PICTURE)


@blueprint.post("/emissoes/<emission_id>/sala/documento/retirar")
@access.requires(*access.CLERKS)
def withdraw_document_picture(emission_id: str) -> Any:
    """It is not wanted any more, or not accepted."""
    return command_in_room(emission_id, contract.WITHDRAW_DOCUMENT_PICTURE, picture_id=request.form.get("picture_id", ""))


@blueprint.get("/emissoes/<emission_id>/sala/documento/<picture_id>")
@access.requires(*access.CLERKS)
def document_picture(emission_id: str, picture_id: str) -> Any:
    """The picture that waits to be accepted."""
    _emission, conference = present_conference(emission_id)
    picture = conference["document_picture"]
    if not picture or picture["picture_id"] != picture_id or picture["state"] != "taken":
        raise NotFound("no picture waits to be accepted", field="picture_id")
    return send_object(picture["facts"], _filename(picture), inline=True)


@blueprint.post("/emissoes/<emission_id>/sala/documento/aceitar")
@access.requires(*access.CLERKS)
def accept_document_picture(emission_id: str) -> Any:
    """Give it to the registry as an attachment, then tell the conference; repeated, it goes on where it stopped."""
    emission, conference = present_conference(emission_id)
    picture = conference["document_picture"]
    if not picture or picture["picture_id"] != request.form.get("picture_id") or not picture["facts"]:
        raise Conflict("this picture cannot be accepted", reason="picture_not_taken")
    try:
        kept = access.parts().caller(
            ADD_ATTACHMENT,
            {
                "registration_id": emission["registration_id"],
                "kind": "identity_document",
                "filename": _filename(picture),
                "incoming_key": picture["facts"]["key"],
            },
            actor=access.actor(),
            # Of the picture, not of the form: however often it is accepted, the registration gets it once.
            command_id=str(uuid.uuid5(ATTACHMENTS, f"{conference['conference_id']}/{picture['picture_id']}")),
        )
    except InvalidInput as error:
        raise Conflict("the picture is no longer there", reason="picture_gone") from error
    attachment = kept["attachment"]
    changed = tell(
        contract.ACCEPT_DOCUMENT_PICTURE,
        conference_id=conference["conference_id"],
        picture_id=picture["picture_id"],
        attachment_id=attachment["attachment_id"],
        sha256=attachment["sha256"],
    )
    return answer_with_parts(emission, changed)


def _filename(picture: dict[str, Any]) -> str:
    return f"documento-{picture['picture_id']}.{EXTENSIONS[picture['facts']['content_type']]}"
