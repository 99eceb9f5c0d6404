"""The emission's page, the hub of the procedure, and the clerk's decisions on it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from contracts import certification as contract
from contracts.conference import GET_CONFERENCE
from contracts.errors import Conflict, InvalidInput, NotFound, TitularError, Unavailable
from contracts.media import GET_VIDEOS
from contracts.notify import GET_MESSAGES
from contracts.operation import Operation
from contracts.registry import GET_REGISTRATION
from gateway import looks, messages
from gateway.clerk import blueprint, fields, guide
from gateway.clerk.progress import progress_of
from gateway.links import join_link
from gateway.security import access
from gateway.views import ask, ask_aside, fragments, tell

REASONED = {
    "recusar": contract.REFUSE_EMISSION,
    "inconclusiva": contract.MARK_INCONCLUSIVE,
    "cancelar": contract.CANCEL_EMISSION,
}


def get_emission(emission_id: str) -> dict[str, Any]:
    """The emission, for those who may see it."""
    found = ask(contract.GET_EMISSION, emission_id=emission_id)
    access.check_office(found)
    return found


def conference_of(emission: dict[str, Any]) -> dict[str, Any] | None:
    """The emission's latest conference; None while there is none."""
    if emission["mode"] != "remote":
        return None
    try:
        return ask_aside(GET_CONFERENCE, emission_id=emission["emission_id"])
    except NotFound:
        return None


def _recordings_of(emission_id: str) -> list[dict[str, Any]] | None:
    """Recordings, newest first; None where that cannot be told now."""
    found = ask_aside(GET_VIDEOS, emission_id=emission_id)
    return found["videos"] if found else None


def _stopped(recordings: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """Those that have ended, without what changes from moment to moment: a player on the page is not to begin anew."""
    if recordings is None:
        return None
    return [{**video, "progress": None} for video in recordings if video["state"] != "recording"]


def videos_of(emission_id: str) -> list[dict[str, Any]] | None:
    """Recordings that have ended, newest first; None where that cannot be told now."""
    return _stopped(_recordings_of(emission_id))


def _messages_of(emission_id: str) -> list[dict[str, Any]] | None:
    """What was sent to the holder; None where that cannot be told now."""
    found = ask_aside(GET_MESSAGES, emission_id=emission_id)
    return found["messages"] if found else None


def _verified(emission: dict[str, Any]) -> list[str] | None:
    """The channels whose contact was verified with the person; None before it matters, and where it cannot be told now."""
    if emission["state"] not in ("confirmed", "dispatched"):
        return None
    found = ask_aside(contract.GET_CONTACTS, emission_id=emission["emission_id"])
    return [one["channel"] for one in found["contacts"] if one["state"] == "verified"] if found else None


def words_of(emission: dict[str, Any]) -> str | None:
    """The words to tell the holder; None where nobody asks for them (any more), or where they cannot be told now."""
    if emission["state"] not in guide.WORDS_ARE_TOLD:
        return None
    found = ask_aside(contract.GET_SPOKEN_WORDS, emission_id=emission["emission_id"])
    return found["words"] if found else None


def _context(emission_id: str) -> dict[str, Any]:
    emission = get_emission(emission_id)
    remote = emission["mode"] == "remote"
    conference = conference_of(emission)
    recordings = _recordings_of(emission_id) if remote else []
    return {
        "emission": emission,
        "conference": conference,
        "link": join_link(conference),
        "videos": _stopped(recordings),
        "progress": progress_of(recordings or []),
        "messages_sent": _messages_of(emission_id) if emission["invitation"] else [],
        "verified": _verified(emission),
        "steps": guide.steps(emission),
        "action": guide.next_action(emission),
        "revocation_reasons": contract.REVOCATION_REASONS,
        "words": words_of(emission),
    }


def registration_of(emission: dict[str, Any]) -> dict[str, Any] | None:
    """The current registration, as the clerk has to see it; None where that cannot be told now."""
    return ask_aside(GET_REGISTRATION, registration_id=emission["registration_id"])


@blueprint.get("/emissoes/<emission_id>")
@access.requires(*access.CLERKS)
def emission(emission_id: str) -> Any:
    """Where the emission stands and what to do next."""
    return _page(emission_id)


def _page(emission_id: str, error: TitularError | None = None, problems: dict[str, str] | None = None) -> str:
    context = _context(emission_id)
    registration = registration_of(context["emission"])
    if registration:
        looks.note_emission(context["emission"])
    return render_template(
        "clerk/emission.html",
        **context,
        registration=registration,
        sections=fields.SECTIONS,
        values=fields.stored_values(registration["data"]) if registration else {},
        error=error,
        problems=problems or {},
    )


@blueprint.get("/emissoes/<emission_id>/partes")
@access.requires(*access.CLERKS)
def emission_parts(emission_id: str) -> Any:
    """The parts of the page that changed since the browser's last look."""
    context = _context(emission_id)
    registration = registration_of(context["emission"])
    values = fields.stored_values(registration["data"]) if registration else {}
    return fragments(
        "clerk/emission_parts.html",
        **context,
        registration=registration,
        sections=fields.SECTIONS,
        values=values,
        error=None,
        problems={},
    )


def _decide(emission_id: str, operation: Operation, **data: Any) -> Any:
    """Give the command, then show the page: again with what was wrong, or anew after success."""
    get_emission(emission_id)
    try:
        tell(operation, emission_id=emission_id, **data)
    except InvalidInput as error:
        return _page(emission_id, error, messages.by_field(error)), error.status
    except (Conflict, Unavailable) as error:
        return _page(emission_id, error), error.status
    return redirect(url_for("clerk.emission", emission_id=emission_id))


@blueprint.post("/emissoes/<emission_id>/identificacao")
@access.requires(*access.CLERKS)
def attest(emission_id: str) -> Any:
    """The clerk attests identity, capacity and free will."""
    statements = {name: request.form.get(name) == "yes" for name in ("identity", "capacity", "free_will")}
    if not all(statements.values()):
        error = InvalidInput("all three are needed", field="statements", reason="all")
        return _page(emission_id, error, messages.by_field(error)), error.status
    return _decide(emission_id, contract.ATTEST_IDENTIFICATION, **statements)


@blueprint.post("/emissoes/<emission_id>/dados")
@access.requires(*access.CLERKS)
def confirm_data(emission_id: str) -> Any:
    """The clerk confirms the version of the data that the page showed."""
    version = request.form.get("registration_version", type=int) or 0
    return _decide(emission_id, contract.CONFIRM_DATA, registration_version=version)


@blueprint.post("/emissoes/<emission_id>/convite")
@access.requires(*access.CLERKS)
def invite(emission_id: str) -> Any:
    """Send the link by e-mail or SMS; a newer link replaces the one before."""
    return _decide(emission_id, contract.INVITE_HOLDER, channel=request.form.get("channel", ""))


@blueprint.post("/emissoes/<emission_id>/<any(recusar,inconclusiva,cancelar):decision>")
@access.requires(*access.CLERKS)
def end_with_reason(emission_id: str, decision: str) -> Any:
    """Refuse, mark as inconclusive, or cancel."""
    return _decide(emission_id, REASONED[decision], reason=request.form.get("reason", "").strip())


@blueprint.post("/emissoes/<emission_id>/repetir")
@access.requires(*access.CLERKS)
def retry(emission_id: str) -> Any:
    """Identify the person once more after an inconclusive meeting."""
    return _decide(emission_id, contract.RETRY_IDENTIFICATION)


@blueprint.post("/emissoes/<emission_id>/revogar")
@access.requires(*access.CLERKS)
def revoke(emission_id: str) -> Any:
    """Revoke the certificate, once the clerk has confirmed whose it is."""
    if request.form.get("confirmed") != "yes":
        error = InvalidInput("it must be confirmed", field="confirmed", reason="confirmed")
        return _page(emission_id, error, messages.by_field(error)), error.status
    return _decide(emission_id, contract.REVOKE_CERTIFICATE, reason=request.form.get("reason", ""))
