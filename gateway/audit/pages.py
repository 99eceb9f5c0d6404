"""Search, and one emission's history."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request, url_for

from contracts.certification import DOCUMENT_VIEWED, GET_EMISSION, GET_HISTORY, LIST_EMISSIONS
from contracts.errors import InvalidInput, NotFound
from contracts.gateway import HOLDER_SESSION_REFUSED
from contracts.registry import FIND_PERSON
from gateway import messages
from gateway.audit import blueprint
from gateway.clerk.emission import videos_of
from gateway.looks import looks_at
from gateway.security import access
from gateway.security.guards import LOOKUP_RATE, limiter
from gateway.views import ask

RECENT = 30
REFUSALS = 50
CPF_DIGITS = 11
EMISSION_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


@blueprint.get("/")
@access.requires(*access.AUDITORS)
def find() -> Any:
    """Search by CPF, protocol or emission id."""
    return _list_page(ask(LIST_EMISSIONS, limit=RECENT, **_scope())["emissions"])


def _scope() -> dict[str, Any]:
    """An administrator audits the own office, an auditor all of them."""
    account = access.account()
    return {"office_id": account.office_id} if account.role in access.CLERKS else {}


def _list_page(emissions: list[dict[str, Any]], typed: str = "", problem: str | None = None, person: str | None = None) -> str:
    return render_template("audit/find.html", emissions=emissions, typed=typed, problem=problem, person=person)


@blueprint.post("/buscar")
@limiter.limit(LOOKUP_RATE)
@access.requires(*access.AUDITORS)
def search() -> Any:
    """Tell by its form what was typed. By POST, since it may be a CPF."""
    typed = request.form.get("query", "").strip()
    try:
        return redirect(_target(typed))
    except (InvalidInput, NotFound) as error:
        problem = messages.problem(error.problems[0]) if isinstance(error, InvalidInput) else messages.text(error)
        return _list_page([], typed, problem), error.status


def _target(typed: str) -> str:
    digits = re.sub(r"\D", "", typed)
    if EMISSION_ID.match(typed.lower()):
        return url_for("audit.emission", emission_id=typed.lower())
    if len(digits) == CPF_DIGITS:
        person = ask(FIND_PERSON, cpf=digits)
        return url_for("audit.person", reference=access.references().refer(person["cpf"]))
    if not digits:
        raise InvalidInput("nothing to look for", field="query", reason="missing")
    found = ask(LIST_EMISSIONS, protocol=typed, **_scope())["emissions"]
    if not found:
        raise NotFound("no such protocol")
    return url_for("audit.emission", emission_id=found[0]["emission_id"])


@blueprint.get("/pessoas/<reference>")
@limiter.limit(LOOKUP_RATE)
@access.requires(*access.AUDITORS)
def person(reference: str) -> Any:
    """All emissions of one person."""
    cpf = access.references().resolve(reference)
    found = ask(FIND_PERSON, cpf=cpf)
    person_id = found["person_id"]
    emissions = ask(LIST_EMISSIONS, person_id=person_id, **_scope())["emissions"] if person_id else []
    return _list_page(emissions, person=found["cpf"])


@blueprint.get("/emissoes/<emission_id>")
@access.requires(*access.AUDITORS)
def emission(emission_id: str) -> Any:
    """The history of one emission, and its state at the chosen version."""
    access.check_office(ask(GET_EMISSION, emission_id=emission_id))
    whole = ask(GET_HISTORY, emission_id=emission_id)
    last = whole["entries"][-1]["version"] if whole["entries"] else 0
    version = request.args.get("ate", last, type=int)
    replayed = ask(GET_HISTORY, emission_id=emission_id, up_to=version) if version < last else whole
    return render_template(
        "audit/emission.html",
        history=whole,
        emission=whole["state"],
        state=replayed["state"],
        chosen=version,
        last=last,
        videos=videos_of(emission_id),
        refused=access.parts().ledger.of_emission(emission_id, [HOLDER_SESSION_REFUSED.name], REFUSALS),
        looks=looks_at(whole["state"]["person_id"], emission_id, _document_looks(whole["entries"])),
    )


def _document_looks(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history's looks at documents, as :func:`gateway.looks.looks_at` takes them."""
    seen = [entry for entry in entries if entry["type"] == DOCUMENT_VIEWED.name]
    return [{"at": entry["time"], "kind": entry["data"]["kind"], **entry["actor"]} for entry in seen]
