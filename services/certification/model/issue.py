"""From the phone's public key to the signed term: intent, certificate, prepared term, signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.certification.model.policy import Policy
from services.certification.model.state import Certificate, Decided, EmissionState, Intent, Term
from services.certification.model.steps import happened, illegal

Decision = tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class SignedTerm:
    """The signed term as stored."""

    term_sha256: str
    size: int
    timestamped_at: datetime


def decide_prepare_issue(state: EmissionState, intent: Intent) -> Decision:
    """Store the intent before anything is signed.

    The same public key changes nothing. Another key takes the place of what was prepared or withheld; its serial is revoked.
    """
    if state.state not in {"verified", "issued"}:
        raise illegal(state, "request_certificate")
    certificate, pending = state.certificate, state.intent
    if pending is not None and pending.public_key_sha256 == intent.public_key_sha256:
        return ()
    if pending is None and certificate is not None and certificate.public_key_sha256 == intent.public_key_sha256:
        return ()
    prepared = happened(
        state,
        "IssuePrepared",
        serial=intent.serial,
        public_key_sha256=intent.public_key_sha256,
        public_key=intent.public_key,
        not_before=intent.not_before,
        not_after=intent.not_after,
    )
    replaced = [serial for serial in (pending and pending.serial, certificate and certificate.serial) if serial]
    revoked = [happened(state, "CertificateRevoked", serial=serial, reason="superseded") for serial in replaced]
    return (prepared, *revoked)


def decide_issue(state: EmissionState, serial: str, *, sha256: str, issuer: str, now: datetime, policy: Policy) -> Decision:
    """Record the certificate of the present intent; nothing where that is recorded or the intent was replaced."""
    intent = state.intent
    if intent is None or intent.serial != serial or state.state != "verified":
        return ()
    issued = happened(
        state,
        "CertificateIssued",
        serial=intent.serial,
        sha256=sha256,
        public_key_sha256=intent.public_key_sha256,
        issuer=issuer,
        not_before=intent.not_before,
        not_after=intent.not_after,
        sign_by=now + policy.sign_within,
    )
    return (issued,)


def decide_prepare_term(state: EmissionState, serial: str, *, document_sha256: str, document_digest: str) -> Decision:
    """Record the prepared term of a withheld certificate, once."""
    if state.state != "issued" or state.term is not None or _serial(state.certificate) != serial:
        return ()
    prepared = happened(
        state,
        "TermPrepared",
        document_sha256=document_sha256,
        document_digest=document_digest,
        video_sha256=state.video_sha256,
        seal_head=state.seal_head,
        clerk_id=state.clerk_id,
        conference_id=state.conference.conference_id if state.conference else None,
        registration_sha256=state.registration_sha256,
        registration_version=state.registration_version,
    )
    return (prepared,)


def decide_complete(state: EmissionState, term: Term, signed: SignedTerm) -> Decision:
    """Record the signed term and release the certificate; nothing where that was done already."""
    if state.state == "completed" and state.term is not None and state.term.document_sha256 == term.document_sha256:
        return ()
    if state.state != "issued" or state.certificate is None or state.term != term:
        raise illegal(state, "sign_term")
    recorded = happened(
        state,
        "TermSigned",
        term_sha256=signed.term_sha256,
        size=signed.size,
        serial=state.certificate.serial,
        timestamped_at=signed.timestamped_at,
    )
    return (recorded, happened(state, "EmissionCompleted"))


def decide_note_refusal(state: EmissionState, *, what: str, reason: str, policy: Policy) -> Decision:
    """Note a submission that does not stand; a flood of them is noted up to a limit."""
    if state.refused_submissions >= policy.noted_refusals:
        return ()
    return (happened(state, "SubmissionRefused", what=what, reason=reason),)


def _serial(certificate: Certificate | None) -> str | None:
    return certificate.serial if certificate else None
