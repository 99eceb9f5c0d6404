"""From an event of a contact to state. Total, as ``evolve.py`` is."""

from __future__ import annotations

from dataclasses import replace

from services.certification.model.policy import Policy
from services.certification.model.state import Contact, EmissionState, Recorded

_LIMITS = Policy()


def contact_code_sent(state: EmissionState, event: Recorded) -> EmissionState:
    """A code is under way to the address, which is not verified thereby."""
    data = event.data
    contact = Contact(
        channel=data["channel"],
        address_masked=data["address_masked"],
        address_mac=data["address_mac"],
        sends_left=data["sends_left"],
        code_id=data["code_id"],
        expires_at=data["expires_at"],
        tries_left=_LIMITS.contact_tries,
        delivery="queued",
    )
    return _with_contact(replace(state, keys=(*state.keys, data["code_id"])), contact)


def contact_code_mismatched(state: EmissionState, event: Recorded) -> EmissionState:
    """One try less."""
    known = state.contact(event.data["channel"])
    if known is None or known.code_id != event.data["code_id"]:
        return state
    return _with_contact(state, replace(known, tries_left=event.data["tries_left"]))


def contact_verified(state: EmissionState, event: Recorded) -> EmissionState:
    """The address is the person's; one that was known before counts no more."""
    data = event.data
    known = state.contact(data["channel"])
    sends_left = known.sends_left if known else _LIMITS.contact_sends
    fresh = Contact(data["channel"], data["address_masked"], data["address_mac"], sends_left)
    same = known if known and known.address_mac == data["address_mac"] else fresh
    return _with_contact(state, replace(same, proof=data["proof"], verified_at=event.time))


def contact_delivery(state: EmissionState, message_id: str, delivered: bool) -> EmissionState:
    """What became of the message with the code."""
    known = next((one for one in state.contacts if one.code_id == message_id), None)
    return _with_contact(state, replace(known, delivery="delivered" if delivered else "failed")) if known else state


def _with_contact(state: EmissionState, contact: Contact) -> EmissionState:
    others = tuple(one for one in state.contacts if one.channel != contact.channel)
    return replace(state, contacts=(*others, contact))
