"""What a clerk decides: from the start of an emission to its revocation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.errors import AlreadyExists, Conflict, InvalidInput, StaleVersion
from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import happened, illegal, require

Decision = tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """What an emission keeps of the registration it is made of."""

    person_id: str
    registration_id: str
    version: int
    sha256: str
    office_id: str
    holder_masked: str
    cpf_masked: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who runs the emission, for which office."""

    clerk_id: str
    name: str
    office_id: str
    office_name: str | None


def decide_start(
    state: EmissionState | None, *, emission_id: str, protocol: str, mode: str, person: Registration, clerk: Clerk, due: datetime
) -> Decision:
    """Start; in person only for a registration of the clerk's own office."""
    if state is not None:
        raise AlreadyExists("the emission was started already", emission_id=state.emission_id)
    if mode == "in_person" and person.office_id != clerk.office_id:
        raise Conflict("in person only for the own office's registration", field="mode", reason="other_office")
    data = {
        "emission_id": emission_id,
        "office_id": clerk.office_id,
        "protocol": protocol,
        "mode": mode,
        "person_id": person.person_id,
        "registration_id": person.registration_id,
        "registration_version": person.version,
        "registration_sha256": person.sha256,
        "office_name": clerk.office_name,
        "clerk_id": clerk.clerk_id,
        "clerk_name": clerk.name,
        "holder_masked": person.holder_masked,
        "cpf_masked": person.cpf_masked,
        "deadline": due,
    }
    return (Decided("EmissionStarted", data),)


def decide_attest(state: EmissionState | None, *, identity: bool, capacity: bool, free_will: bool) -> Decision:
    """Attest who it is; all three points or none (a clerk who is not convinced refuses instead)."""
    present = require(state, "attest_identification")
    points = {"identity": identity, "capacity": capacity, "free_will": free_will}
    missing = [{"field": name, "reason": "not_attested"} for name, attested in points.items() if not attested]
    if missing:
        raise InvalidInput.of(missing)
    return (happened(present, "IdentificationAttested", **points),)


def decide_confirm(state: EmissionState | None, *, seen_version: int, current_version: int, current_sha256: str) -> Decision:
    """Confirm the data that the certificate will be made of; a changed registration may be confirmed anew before the claim."""
    present = require(state, "confirm_data")
    if seen_version != current_version:
        raise StaleVersion(
            "the registration was changed", field="registration_version", expected=seen_version, actual=current_version
        )
    confirmed_before = present.state in {"confirmed", "dispatched"}
    if confirmed_before and present.registration_version == current_version:
        return ()
    confirmed = happened(present, "DataConfirmed", registration_version=current_version, registration_sha256=current_sha256)
    return (*abandon_intent(present), confirmed)


def decide_refuse(state: EmissionState | None, *, reason: str) -> Decision:
    """The clerk is not convinced: the end of this emission."""
    present = require(state, "refuse_emission")
    return (*abandon_intent(present), happened(present, "EmissionRefused", reason=reason))


def decide_inconclusive(state: EmissionState | None, *, reason: str) -> Decision:
    """The identification came to nothing; it may be tried again."""
    return (happened(require(state, "mark_inconclusive"), "EmissionInconclusive", reason=reason),)


def decide_retry(state: EmissionState | None) -> Decision:
    """Try again with a new conference."""
    return (happened(require(state, "retry_identification"), "IdentificationRetried"),)


def decide_cancel(state: EmissionState | None, *, reason: str) -> Decision:
    """Give up before anything was issued. An intent already prepared is revoked: it may have been signed."""
    present = require(state, "cancel_emission")
    return (*abandon_intent(present), happened(present, "EmissionCancelled", reason=reason))


def decide_revoke(state: EmissionState | None, *, reason: str) -> Decision:
    """Revoke the certificate, withheld or valid."""
    present = require(state, "revoke_certificate")
    if present.certificate is None:
        raise illegal(present, "revoke_certificate")
    return (happened(present, "CertificateRevoked", serial=present.certificate.serial, reason=reason),)


def decide_expire(state: EmissionState | None, *, now: datetime) -> Decision:
    """Let an overdue emission end; a withheld certificate is revoked with it. Nothing where it is not (or no longer) overdue."""
    if state is None or state.deadline is None or now < state.deadline:
        return ()
    if state.state == "issued" and state.certificate:
        revoked = happened(state, "CertificateRevoked", serial=state.certificate.serial, reason="cessation_of_operation")
        return (revoked, happened(state, "EmissionExpired", reason="term_not_signed"))
    return (*abandon_intent(state), happened(state, "EmissionExpired", reason=f"{state.state}_too_long"))


def abandon_intent(state: EmissionState) -> Decision:
    """Revoke a serial that was prepared and never recorded as issued: the authority may have signed it before a crash."""
    if state.intent is None:
        return ()
    return (happened(state, "CertificateRevoked", serial=state.intent.serial, reason="superseded"),)
