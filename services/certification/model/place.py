"""What the holder may see and do with a released certificate's key alone, without any link."""

from __future__ import annotations

from datetime import datetime

from contracts.errors import Conflict, RefusedSubmission
from services.certification.model.state import Certificate, Decided, EmissionState
from services.certification.model.steps import happened


def not_proved() -> RefusedSubmission:
    """The one refusal of every proof that does not stand: a guesser does not learn what was wrong."""
    return RefusedSubmission("possession of the key was not proved", field="signature", reason="not_proved")


def owned(state: EmissionState | None) -> tuple[EmissionState, Certificate]:
    """An emission whose certificate was released, in force or not any more; :func:`not_proved` for any other."""
    if state is None or state.certificate is None or state.state not in {"completed", "revoked"}:
        raise not_proved()
    if state.term is None or state.term.term_sha256 is None:  # revoked while it was withheld
        raise not_proved()
    return state, state.certificate


def status_of(certificate: Certificate, now: datetime) -> str:
    """valid, revoked or expired."""
    return "expired" if certificate.status == "valid" and now >= certificate.not_after else certificate.status


def access_statement(emission_id: str, challenge: str) -> bytes:
    """What the key signs to see. The first line keeps signatures of one purpose from serving another."""
    return f"titular holder access\n{emission_id}\n{challenge}".encode()


def revocation_statement(emission_id: str, serial: str, reason: str, challenge: str) -> str:
    """What the key signs to revoke its certificate."""
    return f"titular holder revocation\n{emission_id}\n{serial}\n{reason}\n{challenge}"


def decide_revoke_by_holder(state: EmissionState | None, *, reason: str, statement: str, signature: str) -> tuple[Decided, ...]:
    """Revoke a released certificate by its own key; raises :class:`Conflict` where it is revoked already."""
    present, certificate = owned(state)
    if certificate.status == "revoked":
        raise Conflict("the certificate is revoked already", reason="already_revoked")
    revoked = happened(
        present, "CertificateRevoked", serial=certificate.serial, reason=reason, statement=statement, signature=signature
    )
    return (revoked,)
