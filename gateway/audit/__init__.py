"""The auditors' pages: find an emission, see its whole history, replay it, check its integrity."""

from flask import Blueprint

from gateway.errors import no_store

blueprint = Blueprint("audit", __name__, url_prefix="/auditoria")
blueprint.after_request(no_store)

from gateway.audit import pages  # noqa: E402, F401
