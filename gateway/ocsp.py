"""The status responder's address: OCSP over HTTP (RFC 6960, appendix A; caching after RFC 5019, 6)."""

from __future__ import annotations

import base64
from datetime import datetime

from cryptography.x509.ocsp import load_der_ocsp_response
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from chassis.clock import now
from contracts.certification import ANSWER_OCSP
from contracts.errors import Unavailable
from gateway.kept_answers import OCSP_REQUEST, OCSP_RESPONSE, KeptAnswers, KeptAnswersFirst
from gateway.security import access
from gateway.security.guards import STATUS_RATE, csrf, limiter
from gateway.views import ask

EXTENSION = "kept_answers"
blueprint = Blueprint("ocsp", __name__, url_prefix="/ac/ocsp")
csrf.exempt(blueprint)  # programs ask, without a session
LARGEST_REQUEST = 3072  # octets of DER; one for a single certificate has about a hundred
LARGEST_PATH = 4096
TRY_LATER = bytes.fromhex("30030a0103")  # an OCSPResponse of nothing but the status tryLater (RFC 6960, 4.2.1)


def init_app(app: Flask) -> None:
    """Make the gateway answer at the address; posted requests whose answer is kept before all else."""
    kept = KeptAnswers()
    app.extensions[EXTENSION] = kept
    app.wsgi_app = KeptAnswersFirst(app.wsgi_app, kept, "/ac/ocsp", LARGEST_REQUEST)  # type: ignore[method-assign]
    app.register_blueprint(blueprint)


def _is_kept() -> bool:
    """Whether the present request, by its address, needs no service, and so counts against no limit."""
    return _kept().find((request.view_args or {}).get("encoded", "")) is not None


def _kept() -> KeptAnswers:
    kept: KeptAnswers = current_app.extensions[EXTENSION]
    return kept


@blueprint.post("")
@limiter.limit(STATUS_RATE)
def by_post() -> Response:
    """The request as the body."""
    if request.mimetype != OCSP_REQUEST:
        return Response(status=415)
    request.max_content_length = LARGEST_REQUEST
    try:
        sent = request.get_data()
    except RequestEntityTooLarge:
        return Response(status=413)
    body, _ = _answer(base64.b64encode(sent).decode())
    return _response(body, None)


@blueprint.get("/<path:encoded>")
@limiter.limit(STATUS_RATE, exempt_when=_is_kept)
def by_get(encoded: str) -> Response:
    """The request in base64 as the last part of the address, which any cache may answer until the next update."""
    if len(encoded) > LARGEST_PATH:
        return Response(status=414)
    return _response(*_answer(encoded))


def _answer(encoded: str) -> tuple[bytes, datetime | None]:
    kept = _kept().find(encoded)
    if kept is not None:
        return kept
    try:
        reply = ask(ANSWER_OCSP, access.holder(), request=encoded)
    except Unavailable:
        return TRY_LATER, None
    response, next_update = base64.b64decode(reply["response"]), reply["next_update"]
    if next_update is not None:
        _kept().keep(encoded, response, next_update)
    return response, next_update


def _response(body: bytes, next_update: datetime | None) -> Response:
    response = Response(body, mimetype=OCSP_RESPONSE)
    if next_update is None:
        response.cache_control.no_store = True
        return response
    response.cache_control.public = True
    response.cache_control.no_transform = True
    response.cache_control.must_revalidate = True
    response.cache_control.max_age = max(0, int((next_update - now()).total_seconds()))
    response.expires = next_update
    response.last_modified = load_der_ocsp_response(body).this_update_utc
    response.add_etag()
    response.make_conditional(request)
    return response
