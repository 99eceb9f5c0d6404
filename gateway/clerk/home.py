"""Where the clerk's day begins: look up a CPF, go on with an emission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chassis.clock import now
from contracts.certification import LIST_EMISSIONS
from contracts.errors import InvalidInput
from contracts.registry import FIND_PERSON
from gateway import messages
from gateway.clerk import blueprint
from gateway.security import access
from gateway.security.guards import LOOKUP_RATE, limiter
from gateway.security.sign_in import home_endpoint
from gateway.views import ask, ask_aside

SHOWN_EMISSIONS = 20
SHOWN_ENDING = 200
ENDING_DAYS = 60
"""Time enough for a holder to come for another certificate."""


@blueprint.get("/")
def home() -> Any:
    """The start page; operators and auditors go on to their own."""
    account = access.account()
    if account.role not in access.CLERKS:
        return redirect(url_for(home_endpoint(account.role)))
    return _page()


@blueprint.post("/pessoas/consultar")
@limiter.limit(LOOKUP_RATE)
@access.requires(*access.CLERKS)
def look_up() -> Any:
    """Look up a CPF. By POST, so that it stands in no address."""
    typed = request.form.get("cpf", "")
    try:
        person = ask(FIND_PERSON, cpf=typed)
    except InvalidInput as error:
        return _page(typed, messages.problem(error.problems[0])), 422
    return _to_person(person["cpf"])


def _to_person(cpf: str) -> Response:
    return redirect(url_for("clerk.person", reference=access.references().refer(cpf)))


def _page(typed: str = "", problem: str | None = None) -> str:
    ending = "vencem" in request.args
    wanted: dict[str, Any] = {"office_id": access.account().office_id, "limit": SHOWN_EMISSIONS}
    if ending:
        wanted |= {"ending_by": now() + timedelta(days=ENDING_DAYS), "limit": SHOWN_ENDING}
    listed = ask_aside(LIST_EMISSIONS, **wanted)
    # The look-up is of use without the list.
    emissions = listed["emissions"] if listed else None
    return render_template(
        "clerk/home.html", emissions=emissions, typed=typed, problem=problem, ending=ending, ending_days=ENDING_DAYS
    )
