"""The certificate on the holder's phone: from the link to the signed term."""

from __future__ import annotations

from typing import Any

from flask import render_template

from contracts import certification as contract
from contracts.operation import Operation
from gateway.downloads import send_object
from gateway.holder import blueprint
from gateway.holder.answers import answer, checked
from gateway.holder.binding import SESSION_SECONDS, bind, require_own_browser
from gateway.phone_texts import phone_texts
from gateway.security import access
from gateway.security.guards import HOLDER_ANSWER_RATE, LINK_RATE, RENEWAL_RATE, limiter
from gateway.views import ask


@blueprint.get("/certificado/")
def certificate() -> Any:
    """The page of the invitation's link. A look changes nothing, so that mail scanners cannot spend the link."""
    return render_template("holder/certificate.html", texts=phone_texts())


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
    """The code and the clerk's words; the holder's session begins, in this browser."""
    return bind(answer(contract.VERIFY_HOLDER_CODE), "holder_session", SESSION_SECONDS)


@blueprint.post("/certificado/api/sessao")
@limiter.limit(LINK_RATE)
def holder_session() -> Any:
    """Where a session stands, after a reload."""
    return answer(contract.GET_HOLDER_SESSION, data=_own(contract.GET_HOLDER_SESSION))


@blueprint.post("/certificado/api/solicitacao")
@limiter.limit(HOLDER_ANSWER_RATE)
def request_certificate() -> Any:
    """The certificate request made on the phone; answered with the term to be signed."""
    return answer(contract.REQUEST_CERTIFICATE, data=_own(contract.REQUEST_CERTIFICATE))


@blueprint.post("/certificado/api/termo")
@limiter.limit(LINK_RATE)
def term_to_sign() -> Any:
    """The term to be signed, after a reload."""
    return answer(contract.GET_TERM_TO_SIGN, data=_own(contract.GET_TERM_TO_SIGN))


@blueprint.post("/certificado/api/assinatura")
@limiter.limit(HOLDER_ANSWER_RATE)
def sign_term() -> Any:
    """The signature made on the phone."""
    return answer(contract.SIGN_TERM, "term", data=_own(contract.SIGN_TERM))


@blueprint.post("/certificado/api/resultado")
@limiter.limit(LINK_RATE)
def result() -> Any:
    """The certificate, once the term is signed."""
    return answer(contract.GET_HOLDER_RESULT, "term", data=_own(contract.GET_HOLDER_RESULT))


@blueprint.post("/certificado/api/termo-assinado")
@limiter.limit(LINK_RATE)
def signed_term() -> Any:
    """The signed term's bytes."""
    reply = ask(contract.GET_HOLDER_RESULT, access.holder(), **_own(contract.GET_HOLDER_RESULT))
    return send_object(reply["term"], f"termo-de-titularidade-{reply['protocol']}.pdf")


def _own(operation: Operation) -> dict[str, Any]:
    """What was sent with a session, from the browser to which the session belongs."""
    question = checked(operation)
    require_own_browser(question, "holder_session", contract.GET_HOLDER_SESSION)
    return question
