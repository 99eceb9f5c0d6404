"""The holder's own place on the device that keeps the key: opened by the key, without a link."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from contracts import certification as contract
from contracts.gateway import RECORDING_VIEWED
from gateway.downloads import send_object
from gateway.holder import blueprint
from gateway.holder.answers import answer, checked
from gateway.labels import label
from gateway.security import access
from gateway.security.guards import LINK_RATE, PLACE_RATE, limiter
from gateway.views import ask

VIEWINGS = 200


@blueprint.post("/certificado/api/meu/desafio")
@limiter.limit(LINK_RATE)
def place_challenge() -> Any:
    """What the key is to sign; the same for any id."""
    return answer(contract.GET_HOLDER_CHALLENGE)


@blueprint.post("/certificado/api/meu/abrir")
@limiter.limit(PLACE_RATE)
def open_place() -> Any:
    """A session of a quarter of an hour for the key's signature."""
    return answer(contract.OPEN_HOLDER_PLACE)


@blueprint.post("/certificado/api/meu/certificado")
@limiter.limit(LINK_RATE)
def own_certificate() -> Any:
    """The certificate, and who watched the recording: when, in which role, of which office; no names."""
    reply = ask(contract.GET_HOLDER_PLACE, access.holder(), **checked(contract.GET_HOLDER_PLACE))
    shown = contract.PlaceReply(exclude=("term",)).dump(reply)
    seen = access.parts().ledger.of_emission(reply["emission_id"], [RECORDING_VIEWED.name], VIEWINGS)
    shown["seen"] = [
        {
            "at": said.time.isoformat(),
            "role": label(said.actor["role"], "role"),
            "office": said.actor.get("office_id"),
        }
        for said in seen
        if said.actor
    ]
    return jsonify(shown)


@blueprint.post("/certificado/api/meu/termo")
@limiter.limit(LINK_RATE)
def own_term() -> Any:
    """The signed term's bytes, in its latest form."""
    reply = ask(contract.GET_HOLDER_PLACE, access.holder(), **checked(contract.GET_HOLDER_PLACE))
    return send_object(reply["term"], f"termo-de-titularidade-{reply['protocol']}.pdf")


@blueprint.post("/certificado/api/meu/revogar")
@limiter.limit(PLACE_RATE)
def revoke_own() -> Any:
    """Revoke by the key's signature over what is said."""
    return answer(contract.REVOKE_OWN_CERTIFICATE, "term")
