"""What the term says: the facts, JSON-ready. How it says it is the term maker's affair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.certification.model.state import Certificate, EmissionState


def contents_of(
    state: EmissionState, certificate: Certificate, registration: Mapping[str, Any], issuer: str, public_url: str, now: datetime
) -> dict[str, Any]:
    """Who, what, where, when and all hashes. ``public_url``: where a term can be verified."""
    data = registration["data"]
    conference = state.conference
    return {
        "protocol": state.protocol,
        "mode": state.mode,
        "emission_id": state.emission_id,
        "office": {"id": state.office_id, "name": state.office_name},
        "clerk": state.clerk_name,
        "prepared_at": now.isoformat(),
        "verification_url": f"{public_url}/verificar/#{state.protocol}",
        "holder": {
            "name": data["name"],
            "social_name": data.get("social_name"),
            "cpf": registration["cpf"],
            "birth_date": data["birth_date"].isoformat(),
            "email": data.get("email"),
            "mobile": data.get("mobile"),
            "document": _document(data.get("identity_document")),
        },
        "certificate": {
            "serial": certificate.serial,
            "sha256": certificate.sha256,
            "public_key_sha256": certificate.public_key_sha256,
            "issuer": issuer,
            "not_before": certificate.not_before.isoformat(),
            "not_after": certificate.not_after.isoformat(),
        },
        "conference": None
        if conference is None
        else {
            "conference_id": conference.conference_id,
            "started_at": conference.started_at.isoformat() if conference.started_at else None,
            "ended_at": conference.ended_at.isoformat() if conference.ended_at else None,
            "recordings": [
                {
                    "playable_sha256": recording.playable_sha256,
                    "original_sha256": recording.original_sha256,
                    "seal_head": recording.seal_head,
                }
                for recording in state.own_recordings
            ],
        },
        "registration": {"version": state.registration_version, "sha256": state.registration_sha256},
    }


def _document(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not document:
        return None
    return {name: document.get(name) for name in ("type", "number", "issuer", "state")}
