"""The recorded conference, the term and the certificate: to watch, to read, to keep."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for

from contracts.certification import GET_DOCUMENT, GET_EMISSION, GET_HISTORY
from contracts.errors import NotFound
from contracts.gateway import RECORDING_VIEWED
from contracts.media import GET_VIDEOS, RETRY_VIDEO
from gateway import looks
from gateway import playback as playing
from gateway.clerk import blueprint
from gateway.downloads import send_object, send_parts, send_text
from gateway.security import access
from gateway.views import ask, tell

FILES = {"playable": "mp4", "original": "mkv", "poster": "jpg"}
VIEWINGS = 500
DOCUMENTS = {"termo": "term", "certificado": "certificate", "cadeia": "chain"}


@blueprint.get("/emissoes/<emission_id>/videos/<recording_id>")
@access.requires(*access.VIEWERS)
def playback(emission_id: str, recording_id: str) -> Any:
    """The recording with what is missing and what happened on a time line, its files, its seal, and who has seen it."""
    emission = ask(GET_EMISSION, emission_id=emission_id)
    access.check_office(emission)
    found = _recording(emission_id, recording_id)
    if not (found["playable"] or found["stream"]):
        raise NotFound("no such video")
    entries = ask(GET_HISTORY, emission_id=emission_id)["entries"]
    seen = access.parts().ledger.of_emission(emission_id, [RECORDING_VIEWED.name], VIEWINGS)
    return render_template(
        "clerk/playback.html",
        emission=emission,
        video=found,
        lanes=playing.lanes(found),
        moments=playing.moments(found, entries),
        chapters=playing.chapters(found, entries),
        viewings=playing.viewings(recording_id, seen),
    )


def _recording(emission_id: str, recording_id: str) -> dict[str, Any]:
    recordings: list[dict[str, Any]] = ask(GET_VIDEOS, emission_id=emission_id)["videos"]
    found = next((each for each in recordings if each["recording_id"] == recording_id), None)
    if found is None:
        raise NotFound("no such video")
    return found


@blueprint.get("/emissoes/<emission_id>/videos/<recording_id>/<any(playable,original,poster):form>")
@access.requires(*access.VIEWERS)
def video(emission_id: str, recording_id: str, form: str) -> Any:
    """One recording in one of its forms; ``baixar`` makes it a download.

    From the moment of the recording's end it can be watched: its cells in a row are the bytes that are later one object.
    """
    emission = ask(GET_EMISSION, emission_id=emission_id)
    access.check_office(emission)
    found = _recording(emission_id, recording_id)
    streamed = found["stream"] if form == "playable" and not found["playable"] else None
    if not (found[form] or streamed):
        raise NotFound("no such video")
    if form != "poster" and _from_the_beginning():
        seen = {"recording_id": recording_id, "form": form, "download": "baixar" in request.args}
        access.parts().ledger.record(RECORDING_VIEWED, seen, access.actor(), emission_id=emission_id)
    name = f"videoconferencia-{emission['protocol']}-{found['started_at']:%Y%m%d-%H%M}.{FILES[form]}"
    inline = "baixar" not in request.args
    if streamed:
        return send_parts(streamed["parts"], "video/mp4", f'"{recording_id}-{streamed["size"]}"', name, inline=inline)
    return send_object(found[form], name, inline=inline)


def _from_the_beginning() -> bool:
    """Players ask for many parts of a video: its beginning counts."""
    return request.range is None or any(start == 0 for start, _ in request.range.ranges)


@blueprint.post("/emissoes/<emission_id>/videos/<recording_id>/refazer")
@access.requires("clerk", "administrator", "operator")
def retry_video(emission_id: str, recording_id: str) -> Any:
    """Process a failed recording once more."""
    access.check_office(ask(GET_EMISSION, emission_id=emission_id))
    tell(RETRY_VIDEO, recording_id=recording_id)
    return redirect(url_for("clerk.emission", emission_id=emission_id))


@blueprint.get("/emissoes/<emission_id>/documentos/<kind>")
@access.requires(*access.VIEWERS)
def document(emission_id: str, kind: str) -> Any:
    """The signed term, the certificate or its chain."""
    wanted = DOCUMENTS.get(kind) or abort(404)
    access.check_office(ask(GET_EMISSION, emission_id=emission_id))
    found = ask(GET_DOCUMENT, emission_id=emission_id, kind=wanted)
    looks.note_document(emission_id, wanted)
    if found["object"]:
        return send_object(found["object"], found["filename"], inline="baixar" not in request.args)
    return send_text(found["text"] or "", found["filename"], "application/x-pem-file")
