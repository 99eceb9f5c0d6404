"""The clerk's pages: people, registrations, emissions and the room."""

from flask import Blueprint

from gateway.errors import no_store

blueprint = Blueprint("clerk", __name__)
blueprint.after_request(no_store)

from gateway.clerk import (  # noqa: E402
    attachments,  # noqa: F401
    certification,  # noqa: F401
    emission,  # noqa: F401
    handover,  # noqa: F401
    home,  # noqa: F401
    people,  # noqa: F401
    registrations,  # noqa: F401
    room,  # noqa: F401
    room_contacts,  # noqa: F401
    room_picture,  # noqa: F401
    video,  # noqa: F401
)
