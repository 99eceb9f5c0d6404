"""The clerk verifies e-mail and mobile phone with the person in the room."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from contracts import certification as contract
from contracts.errors import IllegalStep, InvalidInput, Locked, RateLimited, WrongAnswer
from contracts.operation import Operation
from gateway import messages
from gateway.clerk import blueprint
from gateway.clerk.emission import get_emission, registration_of
from gateway.security import access
from gateway.views import ask_aside, fragments, tell, wants_fragment


def contacts_of(emission_id: str) -> list[dict[str, Any]] | None:
    """How far the contacts are verified, one per channel; None where that cannot be told now."""
    found = ask_aside(contract.GET_CONTACTS, emission_id=emission_id)
    return found["contacts"] if found else None


@blueprint.get("/emissoes/<emission_id>/sala/contatos")
@access.requires(*access.CLERKS)
def room_contacts(emission_id: str) -> Any:
    """The contacts, where they changed: a code may come back undelivered."""
    get_emission(emission_id)
    return _shown(emission_id, contacts_of(emission_id), {})


@blueprint.post("/emissoes/<emission_id>/sala/contato/enviar")
@access.requires(*access.CLERKS)
def send_contact_code(emission_id: str) -> Any:
    """Send a code that the person reads out."""
    return _tell(emission_id, contract.SEND_CONTACT_CODE)


@blueprint.post("/emissoes/<emission_id>/sala/contato/conferir")
@access.requires(*access.CLERKS)
def verify_contact(emission_id: str) -> Any:
    """Take the code that the person read out."""
    get_emission(emission_id)
    code = request.form.get("code", "").strip()
    if not code:
        problem = messages.FIELD_REASONS["missing"]
        return _shown(emission_id, contacts_of(emission_id), {request.form.get("channel", ""): problem})
    return _tell(emission_id, contract.VERIFY_CONTACT, code=code)


@blueprint.post("/emissoes/<emission_id>/sala/contato/voz")
@access.requires(*access.CLERKS)
def confirm_contact_by_voice(emission_id: str) -> Any:
    """The person confirmed the address by voice."""
    return _tell(emission_id, contract.VERIFY_CONTACT, code=None)


def _tell(emission_id: str, operation: Operation, **data: Any) -> Any:
    get_emission(emission_id)
    channel = request.form.get("channel", "")
    if channel not in contract.CHANNELS:
        raise InvalidInput("no such channel", field="channel", reason="unknown")
    try:
        contacts = tell(operation, emission_id=emission_id, channel=channel, **data)["contacts"]
    except (WrongAnswer, Locked, RateLimited, IllegalStep) as error:
        return _shown(emission_id, contacts_of(emission_id), {channel: _sentence(error)})
    return _shown(emission_id, contacts, {})


def _sentence(error: WrongAnswer | Locked | RateLimited | IllegalStep) -> str:
    if isinstance(error, WrongAnswer) and error.reason == "wrong":
        return messages.wrong_contact_code(error)
    return messages.text(error)


def _shown(emission_id: str, contacts: list[dict[str, Any]] | None, problems: dict[str, Any]) -> Any:
    if not wants_fragment():
        return redirect(url_for("clerk.room", emission_id=emission_id))
    emission = get_emission(emission_id)
    registration = registration_of(emission)
    return fragments(
        "clerk/room_contacts.html", emission=emission, registration=registration, contacts=contacts, contact_problems=problems
    )
