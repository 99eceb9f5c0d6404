"""Pictures of the holder's identity document: asked for by the clerk, taken once by the holder's own browser, accepted or not.

They are asked for and taken only while it is recorded, so that each is a moment of the video.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from contracts.errors import Conflict, IllegalStep, NotFound
from services.conference.model import events
from services.conference.model.conference import Conference, Decision, allowed, require_admitted
from services.conference.model.people import DocumentPicture, Participant, PictureFacts, PictureState

MAX_PICTURES = 30


def latest(conference: Conference) -> DocumentPicture | None:
    """The one that was asked for last."""
    return conference.pictures[-1] if conference.pictures else None


def wanted_of(conference: Conference, admission_id: str | None) -> str | None:
    """The id of the picture that the clerk awaits from that browser."""
    last, admitted = latest(conference), conference.admitted
    if last is None or admitted is None or conference.state != "started":
        return None
    mine = admitted.admission_id == admission_id == last.admission_id
    return last.picture_id if mine and last.state == "wanted" else None


def request(conference: Conference, picture_id: str, now: datetime) -> Decision | None:
    """The clerk asks the holder in the room for a picture; one that was taken and not accepted is thereby declined."""
    _require_recorded(conference, "request_document_picture")
    holder = _holder(conference)
    if len(conference.pictures) >= MAX_PICTURES:
        raise Conflict("too many pictures were asked for in this conference", reason="too_many_pictures")
    last = latest(conference)
    if last and last.state == "wanted" and last.admission_id == holder.admission_id:
        return None
    happened: list[events.ConferenceEvent] = []
    pictures = conference.pictures
    if last and last.state in {"wanted", "taken"}:
        pictures = _with(conference, replace(last, state=_given_up(last), decided_at=now))
        happened.append(_withdrawn(conference, last.picture_id))
    asked = DocumentPicture(picture_id, holder.admission_id or "", now)
    happened.append(events.DocumentPictureRequested(*conference.identity(), picture_id, conference.recording_id))
    return Decision(replace(conference, pictures=(*pictures, asked)), tuple(happened))


def withdraw(conference: Conference, picture_id: str, now: datetime) -> Decision | None:
    """The clerk does not want it any more, or does not accept it."""
    found = _find(conference, picture_id)
    if found.state not in {"wanted", "taken"}:
        return None
    changed = replace(conference, pictures=_with(conference, replace(found, state=_given_up(found), decided_at=now)))
    return Decision(changed, (_withdrawn(conference, picture_id),))


def take(
    conference: Conference, picture_id: str, admission_id: str | None, facts: PictureFacts, now: datetime
) -> Decision | None:
    """The admitted holder's browser sends the picture that is wanted: one for each time that it is asked for."""
    require_admitted(conference, admission_id)
    found = _find(conference, picture_id)
    if found.facts and found.admission_id == admission_id and found.facts.sha256 == facts.sha256:
        return None
    if wanted_of(conference, admission_id) != picture_id:
        raise Conflict("this picture is not asked for", reason="picture_not_wanted")
    _require_recorded(conference, "send_document_picture")
    holder = _holder(conference)
    taken = replace(found, state="taken", taken_at=now, participant_id=holder.participant_id, facts=facts)
    changed = replace(conference, pictures=_with(conference, taken))
    return Decision(changed, (events.DocumentPictureTaken(*_said_of(conference, taken)),))


def accept(conference: Conference, picture_id: str, attachment_id: str, sha256: str, now: datetime) -> Decision | None:
    """The clerk accepted it, and the registration has it as that attachment."""
    found = _find(conference, picture_id)
    if found.state == "accepted" and found.attachment_id == attachment_id:
        return None
    if found.state != "taken" or found.facts is None:
        raise Conflict("this picture cannot be accepted", reason="picture_not_taken", state=found.state)
    if found.facts.sha256 != sha256:
        raise Conflict("the registration keeps another picture than the one that was taken", reason="picture_differs")
    accepted = replace(found, state="accepted", decided_at=now, attachment_id=attachment_id)
    changed = replace(conference, pictures=_with(conference, accepted))
    return Decision(changed, (events.DocumentPictureAccepted(*_said_of(conference, accepted), attachment_id),))


def as_shown(picture: DocumentPicture) -> dict[str, object]:
    """For the clerk's reply."""
    shown = asdict(picture)
    del shown["admission_id"]
    return shown


def _require_recorded(conference: Conference, command: str) -> None:
    if conference.state != "started" or conference.recording != "on":
        raise IllegalStep(
            f"{command} is possible only while it is recorded",
            reason="not_recorded",
            state=conference.state,
            recording=conference.recording,
            allowed=allowed(conference),
        )


def _holder(conference: Conference) -> Participant:
    admitted = conference.admitted
    for one in reversed(conference.people):
        if admitted and one.present and one.role == "holder" and one.admission_id == admitted.admission_id:
            return one
    raise Conflict("no holder is in the room", reason="no_holder")


def _find(conference: Conference, picture_id: str) -> DocumentPicture:
    for one in conference.pictures:
        if one.picture_id == picture_id:
            return one
    raise NotFound("no such picture in this conference", field="picture_id")


def _with(conference: Conference, changed: DocumentPicture) -> tuple[DocumentPicture, ...]:
    return tuple(changed if one.picture_id == changed.picture_id else one for one in conference.pictures)


def _given_up(picture: DocumentPicture) -> PictureState:
    return "withdrawn" if picture.state == "wanted" else "declined"


def _withdrawn(conference: Conference, picture_id: str) -> events.DocumentPictureWithdrawn:
    return events.DocumentPictureWithdrawn(*conference.identity(), picture_id, conference.recording_id)


def _said_of(
    conference: Conference, picture: DocumentPicture
) -> tuple[str, str, str, str, str, str, datetime, str, int, str, int, int]:
    facts, taken_at, participant_id = picture.facts, picture.taken_at, picture.participant_id
    if facts is None or taken_at is None or participant_id is None:
        raise Conflict("this picture was not taken yet", reason="picture_not_taken", state=picture.state)
    who = (picture.picture_id, conference.recording_id, participant_id, taken_at)
    return (*conference.identity(), *who, facts.content_type, facts.size, facts.sha256, facts.width, facts.height)
