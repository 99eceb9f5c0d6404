"""The holder's own place on the device that keeps the key: opened by the key, without a link."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from contracts import certification as contract
from gateway.downloads import send_object
from gateway.holder import blueprint
from gateway.holder.answers import answer, checked
from gateway.holder.binding import PLACE_SECONDS, bind, require_own_browser
from gateway.labels import label
from gateway.looks import looks_at
from gateway.security import access
from gateway.security.guards import LINK_RATE, PLACE_RATE, limiter
from gateway.views import ask


@blueprint.post("/certificado/api/meu/desafio")
@limiter.limit(LINK_RATE)
def place_challenge() -> Any:
    """What the key is to sign; the same for any id."""
    return answer(contract.GET_HOLDER_CHALLENGE)


@blueprint.post("/certificado/api/meu/abrir")
@limiter.limit(PLACE_RATE)
def open_place() -> Any:
    """A session of a quarter of an hour for the key's signature."""
    return bind(answer(contract.OPEN_HOLDER_PLACE), "place_session", PLACE_SECONDS)


@blueprint.post("/certificado/api/meu/certificado")
@limiter.limit(LINK_RATE)
def own_certificate() -> Any:
    """The certificate, and who looked at the person's data: when, at what, in which role, of which office; no names."""
    reply = _own_place()
    shown = contract.PlaceReply(exclude=("term", "person_id", "looks")).dump(reply)
    return jsonify({**shown, "seen": _seen(reply)})


def _own_place() -> dict[str, Any]:
    """The place of a session, asked for by the browser to which the session belongs."""
    question = checked(contract.GET_HOLDER_PLACE)
    require_own_browser(question, "place_session", contract.GET_HOLDER_PLACE)
    return ask(contract.GET_HOLDER_PLACE, access.holder(), **question)


def _seen(reply: dict[str, Any]) -> list[dict[str, Any]] | None:
    """None where it cannot be told now."""
    found = looks_at(reply["person_id"], reply["emission_id"], reply["looks"], actor=access.holder())
    if found is None:
        return None
    return [
        {
            "at": look["at"].isoformat(),
            "what": str(label(look["what"], "look")),
            "role": str(label(look["role"], "role")),
            "office": look["office_id"],
        }
        for look in found
    ]


@blueprint.post("/certificado/api/meu/termo")
@limiter.limit(LINK_RATE)
def own_term() -> Any:
    """The signed term's bytes, in its latest form."""
    reply = _own_place()
    return send_object(reply["term"], f"termo-de-titularidade-{reply['protocol']}.pdf")


@blueprint.post("/certificado/api/meu/revogar")
@limiter.limit(PLACE_RATE)
def revoke_own() -> Any:
    """Revoke by the key's signature over what is said."""
    return answer(contract.REVOKE_OWN_CERTIFICATE, "term", "person_id", "looks")
