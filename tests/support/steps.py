"""Steps of an emission in one process, as tests of the application take them."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from contracts.actor import system
from services.certification.application import clerk, holder, issuing, reads
from tests.support.certification import HOLDER, InProcess
from tests.support.holder import request_of

ATTESTED = {"identity": True, "capacity": True, "free_will": True}
ANSWER = {"cpf": "529.982.247-25", "birth_date": date(1985, 3, 7)}


def start(inside: InProcess, mode: str = "in_person", **more: Any) -> dict[str, Any]:
    return clerk.start_emission(inside.ports, inside.call(**more), {"registration_id": "r-1", "mode": mode})


def invited(inside: InProcess, channel: str = "email") -> dict[str, Any]:
    emission_id = start(inside)["emission_id"]
    clerk.attest_identification(inside.ports, inside.call(), {"emission_id": emission_id, **ATTESTED})
    clerk.confirm_data(inside.ports, inside.call(), {"emission_id": emission_id, "registration_version": 1})
    return clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission_id, "channel": channel})


def message(inside: InProcess, message_id: str) -> dict[str, Any]:
    return reads.get_outgoing_message(inside.ports, inside.call(system("notify")), {"message_id": message_id})


def token_of(inside: InProcess, emission: dict[str, Any]) -> str:
    return str(message(inside, emission["invitation"]["invitation_id"])["link"].partition("#")[2])


def last_code(inside: InProcess, emission_id: str) -> str:
    sent = [event for event in inside.events.read(emission_id) if event.record.type == "CodeSent"]
    return str(message(inside, sent[-1].record.data["code_id"])["code"])


def session_of(inside: InProcess, emission: dict[str, Any]) -> dict[str, Any]:
    token = token_of(inside, emission)
    holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    code = last_code(inside, emission["emission_id"])
    typed = {"token": token, "code": code, "words": inside.ports.secrets.words(emission["emission_id"])}
    return holder.verify_holder_code(inside.ports, inside.call(HOLDER), typed)


def request(inside: InProcess, session: dict[str, Any], key: Any, **more: Any) -> dict[str, Any]:
    csr = base64.b64encode(request_of(key, session["nonce"])).decode()
    data = {"holder_session": session["holder_session"], "csr": csr}
    return issuing.request_certificate(inside.ports, inside.call(HOLDER, **more), data)


def signature_of(term: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    attributes = base64.b64decode(term["signed_attributes"])
    return base64.b64encode(key.sign(attributes, ec.ECDSA(hashes.SHA256()))).decode()


def sign(inside: InProcess, session: dict[str, Any], signature: str, **more: Any) -> dict[str, Any]:
    data = {"holder_session": session["holder_session"], "signature": signature}
    return issuing.sign_term(inside.ports, inside.call(HOLDER, **more), data)


def types(inside: InProcess, emission_id: str) -> list[str]:
    return [event.record.type for event in inside.events.read(emission_id)]
