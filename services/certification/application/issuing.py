"""From the phone's request to the released certificate. Each stage is idempotent: a repeat goes on where a crash stopped."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.rpc import Call
from contracts.errors import InternalFault, InvalidInput, RefusedSubmission
from services.certification.application.documents import (
    keep_certificate,
    keep_prepared,
    keep_signed,
    pem,
    read_certificate,
    read_prepared,
    sha256_of_bytes,
    signed_object,
)
from services.certification.application.history import Origin, change, of_call
from services.certification.application.holder import by_session
from services.certification.application.journal import record_certificate, record_stamps
from services.certification.application.ports import Ports, PreparedTerm
from services.certification.application.registrations import require_unblocked, subject_of
from services.certification.application.term_contents import contents_of
from services.certification.model.issue import (
    SignedTerm,
    decide_complete,
    decide_issue,
    decide_note_refusal,
    decide_prepare_issue,
    decide_prepare_term,
)
from services.certification.model.state import Certificate, Decided, EmissionState, Intent
from services.certification.model.steps import illegal

YEARS = 3
Data = Mapping[str, Any]


def request_certificate(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Issue, withheld, for the phone's public key; answers the term to be signed."""
    state, session = by_session(ports, data)
    origin = of_call(call)
    request = _decoded(data["csr"], "csr")
    try:
        public_key = ports.authority.read_request(request, session.nonce)
    except RefusedSubmission as error:
        _note_refusal(ports, state, origin, "certificate_request", error)
        raise
    now = ports.clock()
    not_before = now.replace(microsecond=0)
    intent = Intent(
        serial=ports.authority.new_serial(),
        public_key_sha256=sha256_of_bytes(public_key),
        public_key=base64.b64encode(public_key).decode(),
        not_before=not_before,
        not_after=years_after(not_before, YEARS) - timedelta(seconds=1),
    )

    def decide(latest: EmissionState | None) -> tuple[Decided, ...]:
        # The session is looked at again: the clerk may have sent a newer link meanwhile.
        return decide_prepare_issue(_of_session(latest, session.session_sha256), intent)

    intended = change(ports, state.emission_id, origin.stage("intent"), decide, shown=False)
    return _term_to_sign(*_with_term(ports, intended.state, origin))


def get_term_to_sign(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The prepared term of the withheld certificate; prepared now where a crash came before."""
    state, _ = by_session(ports, data)
    if state.state != "issued":
        raise illegal(state, "get_term_to_sign")
    return _term_to_sign(*_with_term(ports, state, of_call(call)))


def sign_term(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Take the holder's signature: the term is complete and the certificate is released."""
    state, session = by_session(ports, data)
    if state.state == "completed":
        return _done(ports, state)
    if state.state != "issued" or state.term is None or state.certificate is None:
        raise illegal(state, "sign_term")
    origin = of_call(call)
    term = state.term
    certificate = read_certificate(ports, state.emission_id, state.certificate)
    prepared = read_prepared(ports, state.emission_id, term.document_sha256)
    signature = _decoded(data["signature"], "signature")
    if not ports.authority.signature_stands(certificate, prepared.signed_attributes, signature):
        error = RefusedSubmission(
            "the certificate's key did not make this signature", field="signature", reason="wrong_signature"
        )
        _note_refusal(ports, state, origin, "term_signature", error)
        raise error
    stamped = ports.terms.complete(prepared, signature, certificate)
    made = record_stamps(ports, state.emission_id, stamped, origin.cause)
    signed = keep_signed(ports, state.emission_id, term.document_sha256, made)
    facts = SignedTerm(sha256_of_bytes(signed), len(signed), ports.terms.stamped_at(prepared, signed))
    completed = change(
        ports,
        state.emission_id,
        origin,
        lambda latest: decide_complete(_of_session(latest, session.session_sha256), term, facts),
    )
    return _done(ports, completed.state, certificate)


def get_holder_result(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """Certificate and signed term of a completed emission."""
    state, _session = by_session(ports, data)
    if state.state != "completed":
        raise illegal(state, "get_holder_result")
    return _done(ports, state)


def years_after(moment: datetime, years: int) -> datetime:
    """The same day of a later year; the day before where a leap day is missing."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def _of_session(state: EmissionState | None, session_sha256: str) -> EmissionState:
    if state is None or state.session is None or state.session.session_sha256 != session_sha256:
        raise RefusedSubmission("a newer link was sent", reason="superseded")
    return state


def _with_term(ports: Ports, state: EmissionState, origin: Origin) -> tuple[EmissionState, PreparedTerm]:
    """The withheld certificate's prepared term; whatever of certificate and term is not there yet is made."""
    if state.term is not None:
        return state, read_prepared(ports, state.emission_id, state.term.document_sha256)
    registration = ports.registrations.get(state.registration_id, state.registration_version)
    if state.intent is not None:
        require_unblocked(registration)
        state, certificate = _issue(ports, state, state.intent, registration, origin)
    else:
        certificate = read_certificate(ports, state.emission_id, _withheld(state))
    return _prepare_term(ports, state, certificate, registration, origin)


def _issue(ports: Ports, state: EmissionState, intent: Intent, registration: Data, origin: Origin) -> tuple[EmissionState, bytes]:
    """The state with the issued certificate, and the certificate (DER)."""
    record_certificate(ports, state.emission_id, intent.serial, origin.cause)
    made = ports.authority.issue(intent, subject_of(registration))
    certificate = keep_certificate(ports, state.emission_id, intent.serial, made)
    now = ports.clock()
    outcome = change(
        ports,
        state.emission_id,
        origin.stage(f"issue/{intent.serial}"),
        lambda latest: decide_issue(
            _known(latest),
            intent.serial,
            sha256=sha256_of_bytes(certificate),
            issuer=ports.authority.that_issued(certificate).issuer(),  # before a roll-over, it may have been
            now=now,
            policy=ports.policy,
        ),
        shown=False,
    )
    return outcome.state, certificate


def _prepare_term(
    ports: Ports, state: EmissionState, certificate: bytes, registration: Data, origin: Origin
) -> tuple[EmissionState, PreparedTerm]:
    """The state that names the term, and the term. Of two attempts at once the first counts."""
    issued = _withheld(state)
    issuer = ports.authority.that_issued(certificate).issuer()
    contents = contents_of(state, issued, registration, issuer, ports.public_url, ports.clock())
    prepared = ports.terms.prepare(contents, certificate)
    document_sha256 = keep_prepared(ports, state.emission_id, prepared)
    outcome = change(
        ports,
        state.emission_id,
        origin.stage(f"term/{issued.serial}"),
        lambda latest: decide_prepare_term(
            _known(latest), issued.serial, document_sha256=document_sha256, document_digest=prepared.digest
        ),
    )
    named = outcome.state.term
    if named is None or named.document_sha256 == document_sha256:
        return outcome.state, prepared
    return outcome.state, read_prepared(ports, state.emission_id, named.document_sha256)


def _withheld(state: EmissionState) -> Certificate:
    if state.state != "issued" or state.certificate is None:
        raise illegal(state, "request_certificate")
    return state.certificate


def _term_to_sign(state: EmissionState, prepared: PreparedTerm) -> dict[str, Any]:
    certificate = _withheld(state)
    if state.term is None:
        raise InternalFault("the term was not prepared", reason="no_term")
    return {
        "emission_id": state.emission_id,
        "step": "sign",
        "document": base64.b64encode(prepared.document).decode(),
        "reserved_start": prepared.reserved_start,
        "reserved_end": prepared.reserved_end,
        "signed_attributes": base64.b64encode(prepared.signed_attributes).decode(),
        "certificate_serial": certificate.serial,
        "certificate_not_after": certificate.not_after,
    }


def _done(ports: Ports, state: EmissionState, certificate: bytes | None = None) -> dict[str, Any]:
    if state.certificate is None:
        raise InternalFault("a completed emission has a certificate", reason="no_certificate")
    if certificate is None:
        certificate = read_certificate(ports, state.emission_id, state.certificate)
    return {
        "emission_id": state.emission_id,
        "step": "done",
        "protocol": state.protocol,
        "certificate_pem": pem(certificate),
        "not_after": state.certificate.not_after,
        "term": signed_object(state),
    }


def _note_refusal(ports: Ports, state: EmissionState, origin: Origin, what: str, error: RefusedSubmission) -> None:
    reason = error.reason or error.code
    change(
        ports,
        state.emission_id,
        origin.stage("refusal"),
        lambda latest: decide_note_refusal(_known(latest), what=what, reason=reason, policy=ports.policy),
    )


def _known(state: EmissionState | None) -> EmissionState:
    if state is None:
        raise InternalFault("the emission has vanished", reason="vanished")
    return state


def _decoded(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("not base64", field=field, reason="invalid") from error
