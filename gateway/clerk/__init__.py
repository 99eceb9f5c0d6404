"""The clerk's pages: people, registrations, emissions and the room."""

from flask import Blueprint

from gateway.errors import no_store

blueprint = Blueprint("clerk", __name__)
blueprint.after_request(no_store)

from gateway.clerk import attachments, certification, emission, handover, home, people, registrations, room, video  # noqa: E402, F401
