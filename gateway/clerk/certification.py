"""Choosing how to identify the person, confirming the data, starting the emission."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, url_for

from contracts.certification import START_EMISSION
from contracts.errors import Conflict, InvalidInput, Unavailable
from contracts.registry import GET_REGISTRATION
from gateway import looks
from gateway.clerk import blueprint, fields
from gateway.clerk.people import certificate_badge
from gateway.security import access
from gateway.views import ask, tell

MODES = {"remota": "remote", "presencial": "in_person"}


@blueprint.get("/cadastros/<registration_id>/certificacao")
@access.requires(*access.CLERKS)
def certification(registration_id: str) -> Any:
    """The ways of issuing that are open for this registration."""
    found = ask(GET_REGISTRATION, registration_id=registration_id)
    looks.note_registration(registration_id, "registration")
    own = found["office_id"] == access.account().office_id
    badge = certificate_badge(found["person_id"])
    return render_template("clerk/certification.html", registration=found, own=own, badge=badge)


@blueprint.route("/cadastros/<registration_id>/certificacao/<way>", methods=["GET"])
@access.requires(*access.CLERKS)
def confirm_start(registration_id: str, way: str) -> Any:
    """The data to be confirmed before anything is started."""
    return _confirm(registration_id, way)


def _confirm(registration_id: str, way: str, error: Any = None) -> str:
    mode = MODES.get(way) or abort(404)
    found = ask(GET_REGISTRATION, registration_id=registration_id)
    if mode == "in_person":
        access.check_office(found)
    looks.note_registration(registration_id, "registration")
    values = fields.stored_values(found["data"])
    return render_template(
        "clerk/start.html", registration=found, mode=mode, way=way, sections=fields.SECTIONS, values=values, error=error
    )


@blueprint.post("/cadastros/<registration_id>/certificacao/<way>")
@access.requires(*access.CLERKS)
def start(registration_id: str, way: str) -> Any:
    """Start the emission."""
    mode = MODES.get(way) or abort(404)
    try:
        emission = tell(START_EMISSION, registration_id=registration_id, mode=mode)
    except (Conflict, InvalidInput, Unavailable) as error:
        return _confirm(registration_id, way, error), error.status
    return redirect(url_for("clerk.emission", emission_id=emission["emission_id"]))
