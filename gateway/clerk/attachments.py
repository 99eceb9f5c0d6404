"""Images of documents and the like: uploaded to the incoming bucket, kept by the registry, shown to staff."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from werkzeug.utils import secure_filename

from contracts.errors import InvalidInput
from contracts.registry import ADD_ATTACHMENT, ATTACHMENT_LIMIT_BYTES, GET_ATTACHMENT
from gateway import looks, messages
from gateway.clerk import blueprint
from gateway.clerk.registrations import show
from gateway.downloads import send_object
from gateway.security import access
from gateway.views import ask, command_id, tell

INCOMING = "incoming"
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


@blueprint.post("/cadastros/<registration_id>/anexos")
@access.requires(*access.CLERKS)
def add_attachment(registration_id: str) -> Any:
    """Add one file to the own office's registration."""
    try:
        accept_upload(registration_id)
    except InvalidInput as error:
        return show(registration_id, messages.problem(error.problems[0])), 422
    return redirect(url_for("clerk.registration", registration_id=registration_id) + "#anexos")


def accept_upload(registration_id: str) -> dict[str, Any]:
    """Give the uploaded ``file`` of a ``kind`` to the registry (contracts.registry.AttachmentReply); :class:`InvalidInput`."""
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        raise InvalidInput("no file", field="file", reason="missing")
    content = uploaded.stream.read(ATTACHMENT_LIMIT_BYTES + 1)
    content_type = checked_type(content)
    # Named after the command, so that the same form sent twice stores one file.
    key = f"{registration_id}/{command_id()}"
    access.parts().objects.put(INCOMING, key, content, content_type)
    return tell(
        ADD_ATTACHMENT,
        registration_id=registration_id,
        kind=request.form.get("kind", ""),
        filename=(secure_filename(uploaded.filename) or "anexo")[-255:],
        incoming_key=key,
    )


def checked_type(content: bytes) -> str:
    """The media type by the file's first bytes, whatever its name says; raises :class:`InvalidInput`."""
    if not content:
        raise InvalidInput("empty file", field="file", reason="empty")
    if len(content) > ATTACHMENT_LIMIT_BYTES:
        raise InvalidInput("larger than 10 MB", field="file", reason="too_large")
    for start, content_type in SIGNATURES.items():
        if content.startswith(start):
            return content_type
    raise InvalidInput("neither JPEG, PNG nor PDF", field="file", reason="unknown_type")


@blueprint.get("/cadastros/<registration_id>/anexos/<attachment_id>")
@access.requires(*access.VIEWERS)
def attachment(registration_id: str, attachment_id: str) -> Any:
    """The file itself."""
    found = ask(GET_ATTACHMENT, registration_id=registration_id, attachment_id=attachment_id)
    looks.note_registration(registration_id, "attachment")
    return send_object(found, found["filename"], inline=True)
