"""What certification reads out of a registration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.errors import InvalidInput, PersonBlocked
from services.certification.application.ports import Subject
from services.certification.model.clerk import Registration
from services.certification.model.masks import mask_cpf, mask_name

CHANNELS = {"email": "email", "sms": "mobile"}


def require_unblocked(registration: Mapping[str, Any]) -> None:
    """Raises :class:`PersonBlocked`."""
    block = registration.get("block")
    if block:
        raise PersonBlocked("the person is blocked", reason=block["reason"])


def require_complete(registration: Mapping[str, Any], mode: str) -> None:
    """Raises :class:`InvalidInput` with one problem per field that this mode still needs."""
    missing = list(registration["missing_for_remote"]) if mode == "remote" else _missing_in_person(registration["data"])
    if missing:
        raise InvalidInput.of([{"field": field, "reason": "missing"} for field in missing])


def _missing_in_person(data: Mapping[str, Any]) -> list[str]:
    """The certificate needs the birth date, the link needs a channel, at the counter too."""
    missing = [] if data.get("birth_date") else ["birth_date"]
    return missing if data.get("email") or data.get("mobile") else [*missing, "email"]


def kept_of(registration: Mapping[str, Any]) -> Registration:
    """What the emission keeps: ids, version, hash, masked forms."""
    return Registration(
        person_id=registration["person_id"],
        registration_id=registration["registration_id"],
        version=registration["version"],
        sha256=registration["sha256"],
        office_id=registration["office_id"],
        holder_masked=mask_name(registration["data"]["name"]),
        cpf_masked=mask_cpf(registration["cpf"]),
    )


def subject_of(registration: Mapping[str, Any]) -> Subject:
    """Whose certificate; the identity document only where it is an RG (DOC-ICP-04)."""
    data = registration["data"]
    document = data.get("identity_document") or {}
    rg = document if document.get("type") == "rg" else {}
    return Subject(
        name=data["name"],
        cpf=registration["cpf"],
        birth_date=data["birth_date"],
        email=data.get("email"),
        identity_number=rg.get("number"),
        identity_issuer=rg.get("issuer"),
        identity_state=rg.get("state"),
    )


def address_of(registration: Mapping[str, Any], channel: str) -> str:
    """The address of a channel; raises :class:`InvalidInput` that names the missing field."""
    field = CHANNELS[channel]
    address = registration["data"].get(field)
    if not address:
        raise InvalidInput("the registration has no address for this channel", field=field, reason="missing")
    return str(address)


def other_channel(registration: Mapping[str, Any], channel: str) -> str:
    """The channel for the code: not the link's, where the registration has both."""
    other = "sms" if channel == "email" else "email"
    return other if registration["data"].get(CHANNELS[other]) else channel
