"""The clerk verifies e-mail and mobile phone with the person in the conference."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from chassis.rpc import Call
from contracts.certification import CHANNELS
from contracts.errors import WrongAnswer
from services.certification.application.access import require_own
from services.certification.application.history import change, of_call
from services.certification.application.ports import Ports
from services.certification.application.registrations import CHANNELS as FIELDS
from services.certification.application.registrations import address_of
from services.certification.application.streams import present
from services.certification.application.tokens import same
from services.certification.model import contacts
from services.certification.model.contacts import Address
from services.certification.model.masks import mask_address
from services.certification.model.state import EmissionState

CODE_IDS = uuid.UUID("5d1f7d57-6c4c-5f0a-8d0c-2b7f0e6f9a41")
Data = Mapping[str, Any]


def get_contacts(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """How far the registration's present addresses are verified."""
    state = require_own(present(ports, data["emission_id"]), call.actor)
    return _reply(ports, state, ports.registrations.get(state.registration_id))


def send_contact_code(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Send a code to the address that the registration has now."""
    emission = require_own(present(ports, data["emission_id"]), call.actor)
    registration = ports.registrations.get(emission.registration_id)
    address = _address(ports, emission, registration, data["channel"])
    code_id, now = str(uuid.uuid5(CODE_IDS, f"{emission.emission_id}:{call.command_id}")), ports.clock()
    outcome = change(
        ports,
        emission.emission_id,
        of_call(call),
        lambda state: contacts.decide_send_contact_code(state, address, code_id=code_id, now=now, policy=ports.policy),
    )
    return _reply(ports, outcome.state, registration)


def verify_contact(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """By the code that the person read out or, without one, by voice; a wrong code is on record before it is refused."""
    emission = require_own(present(ports, data["emission_id"]), call.actor)
    registration = ports.registrations.get(emission.registration_id)
    address = _address(ports, emission, registration, data["channel"])
    said, now = data["code"], ports.clock()

    def decide(state: EmissionState | None) -> contacts.Decision:
        if said is None:
            return contacts.decide_verify_by_voice(state, address)
        known = state.contact(address.channel) if state else None
        digits = "".join(character for character in said if character.isdigit())
        correct = known is not None and known.code_id is not None and same(ports.secrets.contact_code(known.code_id), digits)
        return contacts.decide_verify_by_code(state, address, correct=correct, now=now)

    outcome = change(ports, emission.emission_id, of_call(call), decide)
    wrong = outcome.event("ContactCodeMismatched")
    if wrong:
        raise WrongAnswer("that is not right", field="code", reason="wrong", tries_left=wrong.data["tries_left"])
    return _reply(ports, outcome.state, registration)


def _address(ports: Ports, state: EmissionState, registration: Data, channel: str) -> Address:
    address = address_of(registration, channel)
    return Address(channel, mask_address(channel, address), ports.secrets.address_mac(state.emission_id, address))


def _reply(ports: Ports, state: EmissionState, registration: Data) -> dict[str, Any]:
    return {"contacts": [_shown(ports, state, registration, channel) for channel in CHANNELS]}


def _shown(ports: Ports, state: EmissionState, registration: Data, channel: str) -> dict[str, Any]:
    known = state.contact(channel)
    sends_left = known.sends_left if known else ports.policy.contact_sends
    if not registration["data"].get(FIELDS[channel]):
        return {"channel": channel, "state": "missing", "sends_left": sends_left}
    address = _address(ports, state, registration, channel)
    shown = {
        "channel": channel,
        "state": contacts.state_of(known, address.mac),
        "address_masked": address.masked,
        "sends_left": sends_left,
    }
    if known is None or known.address_mac != address.mac:
        return shown
    names = ("proof", "verified_at", "expires_at", "tries_left", "delivery")
    return shown | {name: getattr(known, name) for name in names}
