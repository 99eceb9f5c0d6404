"""The clerk's side of the virtual room."""

from __future__ import annotations

from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from contracts import conference as contract
from contracts.errors import InvalidInput, NotFound
from contracts.operation import Operation
from gateway import looks
from gateway.clerk import blueprint, evidence, fields, room_contacts
from gateway.clerk.emission import conference_of, get_emission, registration_of, words_of
from gateway.links import join_link, qr_code
from gateway.repair_texts import repair_texts
from gateway.room_texts import room_texts
from gateway.security import access
from gateway.views import ask, fragments, tell, wants_fragment


def present_conference(emission_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The emission and its conference; :class:`NotFound` while there is no room."""
    emission = get_emission(emission_id)
    found = conference_of(emission)
    if found is None:
        raise NotFound("the room is not ready", reason="room")
    return emission, found


@blueprint.get("/emissoes/<emission_id>/sala")
@access.requires(*access.CLERKS)
def room(emission_id: str) -> Any:
    """The room, for as long as the conference lasts."""
    emission, conference = present_conference(emission_id)
    if conference["state"] in ("ended", "abandoned"):
        return redirect(url_for("clerk.emission", emission_id=emission_id))
    registration = registration_of(emission)
    if registration:
        looks.note_emission(emission)
    link = join_link(conference)
    return render_template(
        "clerk/room.html",
        emission=emission,
        conference=conference,
        link=link,
        link_code=qr_code(link, _("Access link as a QR code")) if link else None,
        registration=registration,
        sections=fields.SECTIONS,
        values=fields.stored_values(registration["data"]) if registration else {},
        texts=room_texts(),
        warnings=evidence.warnings_of(conference),
        contacts=room_contacts.contacts_of(emission_id),
        words=words_of(emission),
        repairs=repair_texts(),
    )


@blueprint.get("/emissoes/<emission_id>/sala/partes")
@access.requires(*access.CLERKS)
def room_parts(emission_id: str) -> Any:
    """The room's controls and lights, as far as they changed."""
    emission, conference = present_conference(emission_id)
    if conference["state"] in ("ended", "abandoned"):
        return "", 204, {"HX-Redirect": url_for("clerk.emission", emission_id=emission_id)}
    warnings = evidence.warnings_of(conference)
    return fragments("clerk/room_parts.html", emission=emission, conference=conference, warnings=warnings, problem=None)


@blueprint.post("/emissoes/<emission_id>/sala/iniciar")
@access.requires(*access.CLERKS)
def start_conference(emission_id: str) -> Any:
    """Begin: from now on the holder may be admitted."""
    return command_in_room(emission_id, contract.START_CONFERENCE)


@blueprint.post("/emissoes/<emission_id>/sala/gravar")
@access.requires(*access.CLERKS)
def start_recording(emission_id: str) -> Any:
    """Begin to record."""
    return command_in_room(emission_id, contract.START_RECORDING)


@blueprint.post("/emissoes/<emission_id>/sala/conferir")
@access.requires(*access.CLERKS)
def tick_checklist(emission_id: str) -> Any:
    """Bind an item of the checklist to this moment of the recording, or take that back."""
    item, done = request.form.get("item", ""), request.form.get("done") == "yes"
    if item not in contract.CHECKLIST:
        raise InvalidInput("not on the checklist", field="item", reason="unknown")
    return command_in_room(emission_id, contract.TICK_CHECKLIST, item=item, done=done)


@blueprint.post("/emissoes/<emission_id>/sala/admitir")
@access.requires(*access.CLERKS)
def admit_participant(emission_id: str) -> Any:
    """Let somebody in who waits."""
    return command_in_room(emission_id, contract.ADMIT_PARTICIPANT, admission_id=request.form.get("admission_id", ""))


@blueprint.post("/emissoes/<emission_id>/sala/recusar")
@access.requires(*access.CLERKS)
def refuse_admission(emission_id: str) -> Any:
    """Do not let somebody in who waits."""
    return command_in_room(emission_id, contract.REFUSE_ADMISSION, admission_id=request.form.get("admission_id", ""))


@blueprint.post("/emissoes/<emission_id>/sala/remover")
@access.requires(*access.CLERKS)
def eject_participant(emission_id: str) -> Any:
    """Send the holder out of the room; the page asked for a confirmation before."""
    return command_in_room(emission_id, contract.EJECT_PARTICIPANT, admission_id=request.form.get("admission_id", ""))


@blueprint.post("/emissoes/<emission_id>/sala/encerrar")
@access.requires(*access.CLERKS)
def end_conference(emission_id: str) -> Any:
    """End conference and recording; the page asked for a second confirmation before."""
    _emission, conference = present_conference(emission_id)
    tell(contract.END_CONFERENCE, conference_id=conference["conference_id"])
    target = url_for("clerk.emission", emission_id=emission_id)
    if wants_fragment():
        return "", 204, {"HX-Redirect": target}
    return redirect(target)


def command_in_room(emission_id: str, operation: Operation, **data: Any) -> Any:
    """Command the emission's conference, and answer with what changed on the page."""
    emission, conference = present_conference(emission_id)
    return answer_with_parts(emission, tell(operation, conference_id=conference["conference_id"], **data))


def answer_with_parts(emission: dict[str, Any], changed: dict[str, Any]) -> Any:
    """What a change of the conference shows: the parts that changed, or the page anew."""
    if wants_fragment():
        return fragments("clerk/room_parts.html", emission=emission, conference=changed, warnings=None, problem=None)
    return redirect(url_for("clerk.room", emission_id=emission["emission_id"]))


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else {}


@blueprint.post("/emissoes/<emission_id>/sala/api/caminho")
@access.requires(*access.CLERKS)
def route(emission_id: str) -> Any:
    """Where the clerk's browser will connect, so that it can try beforehand."""
    _emission, conference = present_conference(emission_id)
    found = ask(contract.GET_ROUTE, conference_id=conference["conference_id"])
    return jsonify(contract.RouteReply().dump(found))


@blueprint.post("/emissoes/<emission_id>/sala/api/entrar")
@access.requires(*access.CLERKS)
def join(emission_id: str) -> Any:
    """What the clerk's browser needs to join the room."""
    _emission, conference = present_conference(emission_id)
    sent = _sent()
    access_to_room = tell(
        contract.JOIN_CONFERENCE,
        conference_id=conference["conference_id"],
        display_name=str(sent.get("display_name") or access.account().name)[:80],
        purpose=sent.get("purpose", "camera"),
        participant_id=sent.get("participant_id"),
    )
    return jsonify(access_to_room)


@blueprint.post("/emissoes/<emission_id>/sala/api/sair")
@access.requires(*access.CLERKS)
def leave(emission_id: str) -> Any:
    """The clerk leaves; conference and recording go on."""
    _emission, conference = present_conference(emission_id)
    participant_id = str(_sent().get("participant_id", ""))
    tell(contract.LEAVE_CONFERENCE, conference_id=conference["conference_id"], participant_id=participant_id)
    return jsonify({"left": True, "message": _("You left. The conference and its recording go on.")})


@blueprint.route("/emissoes/<emission_id>/sala/api/estado", methods=["GET", "POST"])
@access.requires(*access.CLERKS)
def room_state(emission_id: str) -> Any:
    """The conference's state, without the holder's token and the picture's place."""
    _emission, conference = present_conference(emission_id)
    return jsonify(contract.ConferenceReply(exclude=("join_token", "document_picture")).dump(conference))
