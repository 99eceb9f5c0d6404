"""Questions: emissions, lists, history, documents, messages, the authority's certificates and list."""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chassis.rpc import Call
from chassis.stored_events import Stored, first_broken
from contracts.errors import LinkUnusable, NotFound
from services.certification.application.access import OFFICE_ROLES, find_by_key, require_office, require_own
from services.certification.application.documents import pem, read_certificate, signed_object
from services.certification.application.ending import notice_message
from services.certification.application.journal import record_list
from services.certification.application.ports import ListFilter, Ports
from services.certification.application.registrations import address_of
from services.certification.application.streams import present, recorded
from services.certification.application.views import at, emission_reply
from services.certification.model.evolve import replay
from services.certification.model.masks import mask_address
from services.certification.model.state import EmissionState

Data = Mapping[str, Any]


def get_emission(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """One emission, from its history: never behind."""
    return emission_reply(require_own(present(ports, data["emission_id"]), call.actor), ports.clock())


def list_emissions(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Newest first; a clerk sees the own office's only."""
    wanted = ListFilter(**data)
    if call.actor.role in OFFICE_ROLES:
        wanted = replace(wanted, office_id=require_office(call.actor))
    now = ports.clock()
    return {"emissions": [at(emission, now) for emission in ports.views.find(replace(wanted, now=now))]}


def get_person_certificate(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """The badge of a person: every office may see whether there is a certificate in force."""
    found = ports.views.certified(data["person_id"], ports.clock())
    if found is None:
        return {"valid": False, "emission_id": None, "not_after": None}
    return {"valid": True, "emission_id": found["emission_id"], "not_after": found["certificate"]["not_after"]}


def get_history(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The events as stored, the state they give, and whether their hash chain stands (recomputed now)."""
    emission_id, up_to = data["emission_id"], data["up_to"]
    stored = ports.events.read_unchecked(emission_id, up_to)
    state = replay(map(recorded, stored))
    if state is None:
        raise NotFound("no such emission", field="emission_id")
    require_own(state, call.actor)
    broken_at = first_broken(emission_id, stored)
    return {
        "emission_id": emission_id,
        "entries": [_entry(event) for event in stored],
        "state": emission_reply(state, ports.clock()),
        "intact": broken_at is None,
        "broken_at": broken_at,
    }


def _entry(event: Stored) -> dict[str, Any]:
    record = event.record
    return {
        "version": event.version,
        "type": record.type,
        "time": record.time,
        "actor": dict(record.actor),
        "command_id": record.command_id,
        "cause": record.cause,
        "data": dict(record.data),
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def get_document(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Term, certificate or chain: once the emission is completed, not before."""
    state = require_own(present(ports, data["emission_id"]), call.actor)
    kind = data["kind"]
    certificate = state.certificate
    if certificate is None or state.term is None or state.term.term_sha256 is None:
        raise NotFound("no certificate was released", field="kind", reason="not_released")
    reply: dict[str, Any] = {"kind": kind, "object": None, "text": None}
    if kind == "term":
        return {**reply, "filename": f"termo-{state.protocol}.pdf", "object": signed_object(state)}
    content = read_certificate(ports, state.emission_id, certificate)
    text = pem(content)
    if kind == "certificate":
        return {**reply, "filename": f"certificado-{state.protocol}.pem", "text": text}
    chain = text + ports.authority.that_issued(content).issuing_pem() + ports.authority.root_pem()
    return {**reply, "filename": f"cadeia-{state.protocol}.pem", "text": chain}


def get_outgoing_message(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """What notify must send; raises :class:`LinkUnusable` for a message that a newer one has replaced."""
    message_id = data["message_id"]
    state = find_by_key(ports, message_id)
    if state is None:
        raise NotFound("no such message", field="message_id")
    if any(known.code_id == message_id for known in state.contacts):
        return _contact_message(ports, state, message_id)
    if any(known.notice_id == message_id for known in state.notices):
        return notice_message(ports, state, message_id)
    part = _message_part(ports, state, message_id)
    registration = ports.registrations.get(state.registration_id, state.registration_version)
    address = address_of(registration, part["channel"])
    return {
        "message_id": message_id,
        "emission_id": state.emission_id,
        "address": address,
        "address_masked": mask_address(part["channel"], address),
        "holder_name": registration["data"]["name"],
        "office_name": state.office_name,
        **part,
    }


def _contact_message(ports: Ports, state: EmissionState, message_id: str) -> dict[str, Any]:
    """A code for the contact of the registration as it is now: one that was corrected since gets none."""
    contact = next(known for known in state.contacts if known.code_id == message_id)
    registration = ports.registrations.get(state.registration_id)
    address = address_of(registration, contact.channel)
    if not state.open or ports.secrets.address_mac(state.emission_id, address) != contact.address_mac:
        raise LinkUnusable("the contact was changed, or the emission has ended", reason="superseded")
    return {
        "message_id": message_id,
        "emission_id": state.emission_id,
        "purpose": "contact",
        "channel": contact.channel,
        "address": address,
        "address_masked": contact.address_masked,
        "holder_name": registration["data"]["name"],
        "office_name": state.office_name,
        "link": None,
        "code": ports.secrets.contact_code(message_id),
        "expires_at": contact.expires_at,
    }


def _message_part(ports: Ports, state: EmissionState, message_id: str) -> dict[str, Any]:
    invitation = state.invitation
    if invitation is None or not (state.open or state.state == "completed"):
        raise LinkUnusable("the emission has ended", reason="ended")
    if message_id == invitation.invitation_id:
        link = ports.link_of(message_id)
        part = {"purpose": "invitation", "channel": invitation.channel, "link": link, "code": None}
        return {**part, "expires_at": invitation.expires_at}
    code = invitation.code
    if code is None or message_id != code.code_id:
        raise LinkUnusable("a newer message was sent", reason="superseded")
    part = {"purpose": "code", "channel": code.channel, "link": None, "code": ports.secrets.code(message_id)}
    return {**part, "expires_at": code.expires_at}


def get_authority(ports: Ports, _: Call, __: Data) -> dict[str, Any]:
    """The chain's certificates and the root's revocation list."""
    authority = ports.authority
    root_list = authority.root_list()
    encoded = base64.b64encode(root_list).decode() if root_list else None
    return {
        "root_pem": authority.root_pem(),
        "issuing_pem": authority.issuing_pem(),
        "issuing_pems": list(authority.issuing_pems()),
        "root_crl": encoded,
    }


def get_revocation_list(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """The certificate revocation list of one generation of the issuing authority, whole or of the certificates of one year."""
    views, authority = ports.views, ports.authority.generation(data["generation"])
    if authority is None:
        raise NotFound("no such generation of the issuing authority", field="generation")
    mark, record = views.revocations_mark(), functools.partial(record_list, ports)
    crl, next_update = authority.revocation_list(mark, views.revocations, ports.clock(), record, data.get("year"))
    return {"crl": base64.b64encode(crl).decode(), "next_update": next_update}


def answer_ocsp(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """The state of one certificate, signed; what is no request is told so in the protocol's own words."""
    try:
        request = base64.b64decode(data["request"], validate=True)
    except (binascii.Error, ValueError):
        request = b""  # no DER either: answered as malformed
    now = ports.clock()
    response, next_update = ports.authority.answer_ocsp(request, ports.views.certificate_status, now)
    if next_update is not None:  # a refusal is not signed
        ports.answers.count(now)
    return {"response": base64.b64encode(response).decode(), "next_update": next_update}
