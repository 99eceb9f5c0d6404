"""One person: registrations of all offices, certificate, block."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from contracts.certification import GET_PERSON_CERTIFICATE, LIST_EMISSIONS
from contracts.errors import InvalidInput
from contracts.registry import BLOCK_PERSON, FIND_PERSON, UNBLOCK_PERSON
from gateway import looks, messages
from gateway.clerk import blueprint
from gateway.security import access
from gateway.security.guards import LOOKUP_RATE, limiter
from gateway.views import ask, ask_aside, tell

BLOCK_REASONS = ("fraud", "court_order", "death", "other")


@blueprint.get("/pessoas/<reference>")
@limiter.limit(LOOKUP_RATE)
@access.requires(*access.CLERKS)
def person(reference: str) -> Any:
    """Whether the CPF is known, by whom, and whether a certificate is in force."""
    return _page(reference)


def _page(reference: str, problems: dict[str, str] | None = None) -> str:
    found = ask(FIND_PERSON, cpf=access.references().resolve(reference))
    looks.note_search(found["person_id"])
    office_id = access.account().office_id
    own = next((each for each in found["registrations"] if each["office_id"] == office_id), None)
    return render_template(
        "clerk/person.html",
        person=found,
        reference=reference,
        own=own,
        badge=certificate_badge(found["person_id"]),
        emissions=emissions_of(found["person_id"]),
        reasons=BLOCK_REASONS,
        problems=problems or {},
    )


def certificate_badge(person_id: str | None) -> dict[str, Any] | None:
    """Whether a certificate is in force; None where that cannot be told now."""
    if person_id is None:
        return {"valid": False, "emission_id": None, "not_after": None}
    return ask_aside(GET_PERSON_CERTIFICATE, person_id=person_id)


def emissions_of(person_id: str | None, **limits: Any) -> list[dict[str, Any]] | None:
    """The person's emissions in the own office; None where that cannot be told now."""
    if person_id is None:
        return []
    found = ask_aside(LIST_EMISSIONS, office_id=access.account().office_id, person_id=person_id, **limits)
    return found["emissions"] if found else None


@blueprint.post("/pessoas/<reference>/bloquear")
@access.requires(*access.CLERKS)
def block(reference: str) -> Any:
    """Block the CPF with a reason."""
    form = request.form
    return _change_block(reference, BLOCK_PERSON, reason=form.get("reason", ""), note=form.get("note", "").strip() or None)


@blueprint.post("/pessoas/<reference>/desbloquear")
@access.requires(*access.CLERKS)
def unblock(reference: str) -> Any:
    """Lift the block, saying why."""
    return _change_block(reference, UNBLOCK_PERSON, note=request.form.get("note", "").strip())


def _change_block(reference: str, operation: Any, **data: Any) -> str | tuple[str, int] | Response:
    try:
        tell(operation, cpf=access.references().resolve(reference), **data)
    except InvalidInput as error:
        return _page(reference, messages.by_field(error)), 422
    return redirect(url_for("clerk.person", reference=reference))
