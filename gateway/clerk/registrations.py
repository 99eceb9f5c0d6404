"""Registering a person and editing what the own office knows."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from contracts.errors import AlreadyExists, InvalidInput, StaleVersion, TitularError, Unavailable
from contracts.registry import ATTACHMENT_KINDS, FIND_PERSON, GET_REGISTRATION, REGISTER_PERSON, UPDATE_REGISTRATION
from gateway import looks, messages
from gateway.clerk import blueprint, fields
from gateway.clerk.people import certificate_badge, emissions_of
from gateway.security import access
from gateway.views import ask, tell


@blueprint.route("/pessoas/<reference>/cadastrar", methods=["GET", "POST"])
@access.requires(*access.CLERKS)
def register(reference: str) -> Any:
    """Register the person for the own office."""
    cpf = access.references().resolve(reference)
    if request.method == "GET":
        found = ask(FIND_PERSON, cpf=cpf)
        looks.note_search(found["person_id"])
        return _form(cpf, {"person": found}, values=fields.typed_values({}))
    try:
        reply = tell(REGISTER_PERSON, cpf=cpf, data=fields.registration_data(request.form))
    except AlreadyExists as error:
        known = error.details.get("registration_id")
        return _form(cpf, {"person": None}, error=error, values=fields.typed_values(request.form), known=known), 409
    except (InvalidInput, Unavailable) as error:
        return _form(cpf, {"person": None}, error=error, values=fields.typed_values(request.form)), error.status
    return redirect(url_for("clerk.registration", registration_id=reply["registration_id"], salvo=1))


@blueprint.get("/cadastros/<registration_id>")
@access.requires(*access.CLERKS)
def registration(registration_id: str) -> Any:
    """The detail of a registration; an older version on request."""
    return show(registration_id)


def show(registration_id: str, problem: str | None = None) -> str:
    """The page of a registration, with what was wrong with an attachment."""
    version = request.args.get("versao", type=int)
    found = ask(GET_REGISTRATION, registration_id=registration_id, version=version)
    looks.note_registration(registration_id, "registration")
    return render_template(
        "clerk/registration.html",
        registration=found,
        sections=fields.SECTIONS,
        values=fields.stored_values(found["data"]),
        own=found["office_id"] == access.account().office_id,
        badge=certificate_badge(found["person_id"]),
        kinds=ATTACHMENT_KINDS,
        emissions=emissions_of(found["person_id"], limit=10),
        problem=problem,
    )


@blueprint.route("/cadastros/<registration_id>/editar", methods=["GET", "POST"])
@access.requires(*access.CLERKS)
def edit(registration_id: str) -> Any:
    """Edit the own office's registration. An edit of an outdated version is explained and nothing typed is lost."""
    found = ask(GET_REGISTRATION, registration_id=registration_id)
    access.check_office(found)
    looks.note_registration(registration_id, "registration")
    if request.method == "GET":
        return _form(found["cpf"], {"registration": found}, values=fields.stored_values(found["data"]))
    try:
        expected = request.form.get("expected_version", type=int) or 0
        data = fields.registration_data(request.form)
        tell(UPDATE_REGISTRATION, registration_id=registration_id, expected_version=expected, data=data)
    except (InvalidInput, Unavailable, StaleVersion) as error:
        values = fields.typed_values(request.form)
        differing = _differing(values, found) if isinstance(error, StaleVersion) else {}
        page = _form(found["cpf"], {"registration": found}, error=error, values=values, differing=differing)
        return page, error.status
    return redirect(url_for("clerk.registration", registration_id=registration_id, salvo=1))


def _differing(values: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    """What is stored now, for each field where it differs from what was typed."""
    stored = fields.stored_values(found["data"])
    return {
        field.name: stored[field.name]
        for field in fields.every_field()
        if not fields.same_meaning(field, values[field.name], stored[field.name])
    }


def _form(
    cpf: str,
    subject: dict[str, Any],
    *,
    values: dict[str, Any],
    error: TitularError | None = None,
    differing: dict[str, str] | None = None,
    known: str | None = None,
) -> str:
    problems = messages.by_field(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "clerk/registration_form.html",
        cpf=cpf,
        registration=subject.get("registration"),
        sections=fields.SECTIONS,
        values=values,
        problems=problems,
        error=error,
        differing=differing or {},
        known=known,
        stale=isinstance(error, StaleVersion),
    )
