"""The operators' pages: what happens now, what waits, what lies dead."""

from flask import Blueprint

from gateway.errors import no_store

blueprint = Blueprint("operations", __name__, url_prefix="/operacoes")
blueprint.after_request(no_store)

from gateway.operations import letters, pages  # noqa: E402, F401
