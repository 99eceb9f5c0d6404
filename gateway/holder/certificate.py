"""The certificate on the holder's phone: from the link to the signed term."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template

from contracts import certification as contract
from gateway.downloads import send_object
from gateway.holder import blueprint
from gateway.holder.answers import answer, checked
from gateway.phone_texts import phone_texts
from gateway.security import access
from gateway.security.guards import HOLDER_ANSWER_RATE, LINK_RATE, RENEWAL_RATE, limiter
from gateway.views import ask


@blueprint.get("/certificado/")
def certificate() -> Any:
    """The page of the invitation's link. A look changes nothing, so that mail scanners cannot spend the link."""
    return render_template("holder/certificate.html", texts=phone_texts())


@blueprint.get("/certificado/manifest.webmanifest")
def manifest() -> Response:
    """Lets the page be put on the phone's home screen."""
    body = {
        "name": "Titular",
        "short_name": "Titular",
        "lang": "pt-BR",
        "start_url": "/certificado/",
        "scope": "/certificado/",
        "display": "standalone",
        "background_color": "#f5f7f6",
        "theme_color": "#0b4a5e",
        "icons": [
            {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
            {"src": "/static/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return Response(json.dumps(body), mimetype="application/manifest+json")


@blueprint.post("/certificado/api/link")
@limiter.limit(LINK_RATE)
def link() -> Any:
    """At which step this link stands."""
    return answer(contract.GET_HOLDER_LINK)


@blueprint.post("/certificado/api/link/novo")
@limiter.limit(RENEWAL_RATE)
def renew_link() -> Any:
    """A newer link, to the contact that the office has; the answer is the same for any token."""
    return answer(contract.RENEW_LINK)


@blueprint.post("/certificado/api/dados")
@limiter.limit(HOLDER_ANSWER_RATE)
def verify_data() -> Any:
    """CPF and date of birth; a code is sent where they match."""
    return answer(contract.VERIFY_HOLDER_DATA)


@blueprint.post("/certificado/api/codigo/reenviar")
@limiter.limit(HOLDER_ANSWER_RATE)
def resend_code() -> Any:
    """One more code."""
    return answer(contract.RESEND_CODE)


@blueprint.post("/certificado/api/codigo")
@limiter.limit(HOLDER_ANSWER_RATE)
def verify_code() -> Any:
    """The code and the clerk's words; the holder's session begins."""
    return answer(contract.VERIFY_HOLDER_CODE)


@blueprint.post("/certificado/api/sessao")
@limiter.limit(LINK_RATE)
def holder_session() -> Any:
    """Where a session stands, after a reload."""
    return answer(contract.GET_HOLDER_SESSION)


@blueprint.post("/certificado/api/solicitacao")
@limiter.limit(HOLDER_ANSWER_RATE)
def request_certificate() -> Any:
    """The certificate request made on the phone; answered with the term to be signed."""
    return answer(contract.REQUEST_CERTIFICATE)


@blueprint.post("/certificado/api/termo")
@limiter.limit(LINK_RATE)
def term_to_sign() -> Any:
    """The term to be signed, after a reload."""
    return answer(contract.GET_TERM_TO_SIGN)


@blueprint.post("/certificado/api/assinatura")
@limiter.limit(HOLDER_ANSWER_RATE)
def sign_term() -> Any:
    """The signature made on the phone."""
    return answer(contract.SIGN_TERM, "term")


@blueprint.post("/certificado/api/resultado")
@limiter.limit(LINK_RATE)
def result() -> Any:
    """The certificate, once the term is signed."""
    return answer(contract.GET_HOLDER_RESULT, "term")


@blueprint.post("/certificado/api/termo-assinado")
@limiter.limit(LINK_RATE)
def signed_term() -> Any:
    """The signed term's bytes."""
    reply = ask(contract.GET_HOLDER_RESULT, access.holder(), **checked(contract.GET_HOLDER_RESULT))
    return send_object(reply["term"], f"termo-de-titularidade-{reply['protocol']}.pdf")
