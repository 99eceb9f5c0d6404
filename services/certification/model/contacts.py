"""E-mail and mobile phone, verified by the clerk with the person: by a code that the person reads out, or by voice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.errors import IllegalStep, Locked, NotFound, RateLimited, WrongAnswer
from services.certification.model.policy import Policy
from services.certification.model.state import Contact, Decided, EmissionState
from services.certification.model.steps import happened, illegal

Decision = tuple[Decided, ...]
POSSIBLE_IN = frozenset({"started", "identified", "confirmed", "dispatched"})


@dataclass(frozen=True, slots=True)
class Address:
    """A channel's address as the registration has it now, masked, and its keyed hash."""

    channel: str
    masked: str
    mac: str


def decide_send_contact_code(
    state: EmissionState | None, address: Address, *, code_id: str, now: datetime, policy: Policy
) -> Decision:
    """Send a code, while there are sends left; it takes the place of the one before."""
    present = _possible(state, "send_contact_code")
    known = present.contact(address.channel)
    left = known.sends_left if known else policy.contact_sends
    if left <= 0:
        raise RateLimited("all codes were sent to this contact", reason="contact_sends")
    sent = happened(
        present,
        "ContactCodeSent",
        channel=address.channel,
        address_masked=address.masked,
        address_mac=address.mac,
        code_id=code_id,
        expires_at=now + policy.code_life,
        sends_left=left - 1,
    )
    return (sent,)


def decide_verify_by_code(state: EmissionState | None, address: Address, *, correct: bool, now: datetime) -> Decision:
    """Take what the person read out: the right code verifies the address to which it was sent."""
    present = _possible(state, "verify_contact")
    known = present.contact(address.channel)
    if known is None or known.code_id is None or known.address_mac != address.mac:
        raise IllegalStep(
            "no code was sent to this address", reason="no_code", state=present.state, allowed=["send_contact_code"]
        )
    if known.verified_at and known.proof == "code":
        return ()
    if known.tries_left <= 0:
        raise Locked("too many wrong codes; have another one sent", reason="contact_code")
    if known.expires_at is None or now >= known.expires_at:
        raise WrongAnswer("the code has expired", field="code", reason="expired", tries_left=known.tries_left)
    if not correct:
        left = known.tries_left - 1
        return (happened(present, "ContactCodeMismatched", channel=known.channel, code_id=known.code_id, tries_left=left),)
    return (_verified(present, address, "code", known.code_id),)


def decide_verify_by_voice(state: EmissionState | None, address: Address) -> Decision:
    """The person confirmed the address by voice."""
    present = _possible(state, "verify_contact")
    if is_verified(present.contact(address.channel), address.mac):
        return ()
    return (_verified(present, address, "voice", None),)


def is_verified(known: Contact | None, mac: str) -> bool:
    """Whether this very address is verified: one that was changed since is not."""
    return known is not None and known.verified_at is not None and known.address_mac == mac


def state_of(known: Contact | None, mac: str) -> str:
    """One of unverified, sent, locked, verified."""
    if known is None or known.address_mac != mac:
        return "unverified"
    if known.verified_at:
        return "verified"
    return "sent" if known.tries_left > 0 else "locked"


def _verified(present: EmissionState, address: Address, proof: str, code_id: str | None) -> Decided:
    said = {"channel": address.channel, "address_masked": address.masked, "address_mac": address.mac}
    return happened(present, "ContactVerified", **said, proof=proof, code_id=code_id)


def _possible(state: EmissionState | None, step: str) -> EmissionState:
    if state is None:
        raise NotFound("no such emission", field="emission_id")
    if state.state not in POSSIBLE_IN:
        raise illegal(state, step)
    return state
