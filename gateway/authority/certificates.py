"""Any office's certificate: found by serial or protocol, shown with what happened to it; the authority's own revokes it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from contracts.certification import FIND_CERTIFICATE, GET_HISTORY, REVOCATION_REASONS, REVOKE_CERTIFICATE
from contracts.errors import Conflict, InvalidInput, NotFound, TitularError, Unavailable
from gateway import messages
from gateway.authority import blueprint
from gateway.security import access
from gateway.security.guards import LOOKUP_RATE, limiter
from gateway.views import ask, tell

CERTIFICATE_EVENTS = frozenset(
    {
        *("IssuePrepared", "CertificateIssued", "TermSigned", "EmissionCompleted", "ReplacementNoted"),
        *("CertificateRevoked", "EmissionExpired"),
    }
)


@blueprint.get("/certificados")
@access.requires(*access.AUTHORITY)
def look_up() -> Any:
    """The form."""
    return render_template("authority/look_up.html", typed="", problem=None)


@blueprint.post("/certificados")
@limiter.limit(LOOKUP_RATE)
@access.requires(*access.AUTHORITY)
def find() -> Any:
    """Find a certificate by its serial number or its emission's protocol."""
    typed = request.form.get("wanted", "").strip()
    try:
        if not typed:
            raise InvalidInput("nothing to look for", field="wanted", reason="missing")
        found = ask(FIND_CERTIFICATE, wanted=typed)
    except (InvalidInput, NotFound) as error:
        problem = messages.problem(error.problems[0]) if isinstance(error, InvalidInput) else messages.text(error)
        return render_template("authority/look_up.html", typed=typed, problem=problem), error.status
    return redirect(url_for("authority_page.certificate", emission_id=found["emission_id"]))


@blueprint.get("/certificados/<emission_id>")
@access.requires(*access.AUTHORITY)
def certificate(emission_id: str) -> Any:
    """One certificate, and what happened to it."""
    return _page(emission_id)


@blueprint.post("/certificados/<emission_id>/revogar")
@access.requires("authority_administrator")
def revoke(emission_id: str) -> Any:
    """Revoke it, once it was confirmed whose it is; the history keeps who did, and why."""
    if request.form.get("confirmed") != "yes":
        error = InvalidInput("it must be confirmed", field="confirmed", reason="confirmed")
        return _page(emission_id, error, messages.by_field(error)), error.status
    try:
        tell(REVOKE_CERTIFICATE, emission_id=emission_id, reason=request.form.get("reason", ""))
    except InvalidInput as error:
        return _page(emission_id, error, messages.by_field(error)), error.status
    except (Conflict, Unavailable) as error:
        return _page(emission_id, error), error.status
    return redirect(url_for("authority_page.certificate", emission_id=emission_id))


def _page(emission_id: str, error: TitularError | None = None, problems: dict[str, str] | None = None) -> str:
    history = ask(GET_HISTORY, emission_id=emission_id, up_to=None)
    return render_template(
        "authority/certificate.html",
        emission=history["state"],
        intact=history["intact"],
        entries=[entry for entry in history["entries"] if entry["type"] in CERTIFICATE_EVENTS],
        revocation_reasons=REVOCATION_REASONS,
        error=error,
        problems=problems or {},
    )
