"""An emission as lists and pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.certification.application.ports import Before, View
from services.certification.model.awaiting import awaited
from services.certification.model.ending import notice_at
from services.certification.model.state import Certificate, EmissionState, Invitation
from services.certification.model.steps import allowed


def emission_reply(state: EmissionState, now: datetime) -> dict[str, Any]:
    """See :class:`contracts.certification.Emission`."""
    names = (
        *("emission_id", "protocol", "version", "state", "mode", "person_id", "registration_id", "registration_version"),
        *("registration_sha256", "office_id", "office_name", "clerk_id", "clerk_name", "holder_masked", "cpf_masked"),
        *("video_sha256", "reason", "started_at", "updated_at", "deadline"),
    )
    reply = {name: getattr(state, name) for name in names} | {
        "conference_id": state.conference.conference_id if state.conference else None,
        "conference": state.conference_state,
        "video": state.video_state,
        "invitation": _invitation(state.invitation) if state.invitation else None,
        "certificate": _certificate(state.certificate) if state.certificate else None,
        "term_sha256": state.term.term_sha256 if state.term else None,
        "allowed": list(allowed(state)),
    }
    return at(reply, now)


def at(emission: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The reply as of ``now``: a valid certificate past its time is an expired one."""
    certificate = emission.get("certificate")
    if not certificate or certificate["status"] != "valid" or now <= certificate["not_after"]:
        return dict(emission)
    return {**emission, "certificate": {**certificate, "status": "expired"}}


def view_of(state: EmissionState, now: datetime, before: Before | None = None) -> View:
    """The emission as the read model keeps it."""
    waits = awaited(state)
    waiting = {
        "awaited": [{"what": wait.what, "since": wait.since} for wait in waits],
        "awaited_since": min((wait.since for wait in waits), default=None),
    }
    reply = emission_reply(state, now)
    if state.certificate:
        reply["certificate"] = {
            **reply["certificate"],
            "released_at": state.certificate.released_at,
            "issuer": state.certificate.issuer,
        }
    timers = {"preserve_at": state.preserve_at, "notice_at": notice_at(state)}
    return View({**reply, **waiting, **timers}, state.keys, state.open, state.revocations, before)


def before_change(state: EmissionState | None) -> Before:
    """What the view of that state holds; no state where the emission begins."""
    return Before(state.version, state.keys, state.revocations) if state else Before()


def _invitation(invitation: Invitation) -> dict[str, Any]:
    names = ("invitation_id", "channel", "address_masked", "sent_at", "expires_at", "delivery", "delivery_reason", "locked")
    return {name: getattr(invitation, name) for name in names}


def _certificate(certificate: Certificate) -> dict[str, Any]:
    names = (
        *("serial", "sha256", "not_before", "not_after", "status"),
        *("revoked_at", "revocation_reason", "revoked_by_holder"),
    )
    return {name: getattr(certificate, name) for name in names}
