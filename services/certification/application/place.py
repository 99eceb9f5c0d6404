"""The holder's own place: seen and acted in by who proves to have the certificate's key. Nothing is stored for it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.rpc import Call
from contracts.errors import LinkUnusable
from services.certification.application.documents import pem, read_certificate, signed_object
from services.certification.application.history import change, of_call
from services.certification.application.looks import looks_of
from services.certification.application.ports import Ports
from services.certification.application.streams import load
from services.certification.application.tokens import same
from services.certification.model.place import (
    access_statement,
    decide_revoke_by_holder,
    not_proved,
    owned,
    revocation_statement,
    status_of,
)
from services.certification.model.state import EmissionState

CHALLENGE_LIFE = timedelta(minutes=5)
PLACE_LIFE = timedelta(minutes=15)
Data = Mapping[str, Any]


def get_holder_challenge(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """What the key is to sign; derived, so that it tells nothing about the id."""
    until = _until(ports, CHALLENGE_LIFE)
    return {"challenge": ports.secrets.challenge(data["emission_id"], until), "expires_at": _moment(until)}


def open_holder_place(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """A short session for who signed a fresh challenge of this emission with its certificate's key."""
    emission_id = data["emission_id"]
    _require_signed(ports, data, access_statement(emission_id, data["challenge"]))
    until = _until(ports, PLACE_LIFE)
    return {"place_session": ports.secrets.place_token(emission_id, until), "expires_at": _moment(until)}


def get_holder_place(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """Certificate and term of a session's emission."""
    emission_id, _separator, rest = data["place_session"].partition(".")
    until = _seconds(rest.partition(".")[0])
    if not same(ports.secrets.place_token(emission_id, until), data["place_session"]):
        raise LinkUnusable("no such session", reason="unknown")
    if ports.clock() >= _moment(until):
        raise LinkUnusable("the session has expired", reason="expired")
    return _reply(ports, load(ports, emission_id))


def revoke_own_certificate(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Revoke by the key itself. What was signed stays in the history, with its signature."""
    emission_id, reason = data["emission_id"], data["reason"]
    _, certificate = owned(load(ports, emission_id))
    statement = revocation_statement(emission_id, certificate.serial, reason, data["challenge"])
    _require_signed(ports, data, statement.encode())
    outcome = change(
        ports,
        emission_id,
        of_call(call),
        lambda state: decide_revoke_by_holder(state, reason=reason, statement=statement, signature=data["signature"]),
    )
    return _reply(ports, outcome.state)


def _require_signed(ports: Ports, data: Data, statement: bytes) -> None:
    """The challenge is this emission's and fresh, the signature is by its certificate's key: or one refusal for all."""
    emission_id, challenge = data["emission_id"], data["challenge"]
    until = _seconds(challenge.partition(".")[0])
    if not same(ports.secrets.challenge(emission_id, until), challenge) or ports.clock() >= _moment(until):
        raise not_proved()
    state, certificate = owned(load(ports, emission_id))
    try:
        signature = base64.b64decode(data["signature"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise not_proved() from error
    if not ports.authority.signature_stands(read_certificate(ports, state.emission_id, certificate), statement, signature):
        raise not_proved()


def _reply(ports: Ports, state: EmissionState | None) -> dict[str, Any]:
    present, certificate = owned(state)
    return {
        "emission_id": present.emission_id,
        "person_id": present.person_id,
        "protocol": present.protocol,
        "office_name": present.office_name,
        "status": status_of(certificate, ports.clock()),
        "serial": certificate.serial,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "revoked_at": certificate.revoked_at,
        "revocation_reason": certificate.revocation_reason,
        "certificate_pem": pem(read_certificate(ports, present.emission_id, certificate)),
        "term": signed_object(present),
        "looks": looks_of(ports, present.emission_id),
    }


def _until(ports: Ports, life: timedelta) -> int:
    return int((ports.clock() + life).timestamp())


def _moment(until: int) -> datetime:
    return datetime.fromtimestamp(until, UTC)


def _seconds(text: str) -> int:
    """0, long past, where the text is no moment."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
