"""The holder's pages: the room by the join link, the certificate on the phone. Nobody signs in here; a link's token speaks."""

from flask import Blueprint

from gateway.errors import no_store

blueprint = Blueprint("holder", __name__)
blueprint.after_request(no_store)

from gateway.holder import certificate, conference, document_picture, place, worker  # noqa: E402, F401
