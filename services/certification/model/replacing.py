"""A person's newer certificate replaces the older one."""

from __future__ import annotations

from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import happened

Decision = tuple[Decided, ...]


def decide_note_replacement(state: EmissionState | None, serial: str, *, replaces: str) -> Decision:
    """Note with a valid certificate which older one it replaces, once."""
    if state is None or not _valid(state, serial) or replaces in state.replaces:
        return ()
    return (happened(state, "ReplacementNoted", serial=serial, replaces=replaces),)


def decide_supersede(state: EmissionState | None, serial: str, *, by: str) -> Decision:
    """Revoke a valid certificate that a newer one has replaced; nothing where it is not valid any more."""
    if state is None or not _valid(state, serial):
        return ()
    return (happened(state, "CertificateRevoked", serial=serial, reason="superseded", superseded_by=by),)


def _valid(state: EmissionState, serial: str) -> bool:
    return state.state == "completed" and state.certificate is not None and state.certificate.serial == serial
