"""The holder's browser sends a picture of the identity document that the clerk asked for in the room."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from chassis.clock import new_id
from contracts import conference as contract
from contracts.errors import Conflict, InvalidInput
from contracts.registry import ATTACHMENT_LIMIT_BYTES
from gateway.holder import blueprint
from gateway.pictures import checked_picture
from gateway.security import access
from gateway.security.guards import limiter
from gateway.views import ask, tell

INCOMING = "incoming"
PICTURE_RATE = "10 per minute; 60 per hour"


@blueprint.post("/videoconferencia/api/documento")
@limiter.limit(PICTURE_RATE)
def send_document_picture() -> Any:
    """Check and keep the picture that is wanted of this browser: nothing is stored of one that is not."""
    token, admission, picture_id = (request.form.get(name, "") for name in ("token", "admission", "picture_id"))
    shown = ask(contract.GET_JOIN_LINK, access.holder(), token=token, admission=admission)
    if not picture_id or shown["picture_wanted"] != picture_id:
        raise Conflict("this picture is not asked for", reason="picture_not_wanted")
    uploaded = request.files.get("picture")
    if uploaded is None:
        raise InvalidInput("no picture", field="picture", reason="missing")
    content = uploaded.stream.read(ATTACHMENT_LIMIT_BYTES + 1)
    picture = checked_picture(content, ATTACHMENT_LIMIT_BYTES)
    stored = access.parts().objects.put(
        INCOMING, f"pictures/{shown['conference_id']}/{picture_id}/{new_id()}", content, picture.content_type
    )
    facts = {name: stored[name] for name in ("bucket", "key", "size", "sha256", "content_type")}
    facts |= {"width": picture.width, "height": picture.height}
    data = {"token": token, "admission": admission, "picture_id": picture_id, "facts": facts}
    reply = tell(contract.SEND_DOCUMENT_PICTURE, access.holder(), **data)
    return jsonify(contract.JoinLinkReply().dump(reply))
