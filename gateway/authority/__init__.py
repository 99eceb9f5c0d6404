"""The authority's page: its keys, lists and every use of them; any office's certificate, looked up and revoked."""

from flask import Blueprint

from gateway.errors import no_store

blueprint = Blueprint("authority_page", __name__, url_prefix="/autoridade")
blueprint.after_request(no_store)

from gateway.authority import certificates, pages  # noqa: E402, F401
