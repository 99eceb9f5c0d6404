"""The waiting room: who asks to come in by the join link, and what the clerk decides. One holder at a time is admitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts.errors import Conflict, IllegalStep, LinkUnusable, NotFound
from services.conference.model import events
from services.conference.model.conference import Conference, Decision, note_presence
from services.conference.model.people import Admission, AdmissionState

MAX_ADMISSIONS = 50
MAX_WAITING = 10


def request(conference: Conference, admission_id: str, display_name: str, now: datetime) -> Decision | None:
    """A browser asks to come in. Who waits or is admitted asks nothing anew; who was turned away may ask again."""
    if not conference.live:
        raise LinkUnusable("the conference has ended", reason="ended")
    known = find(conference, admission_id)
    if known and known.state in {"waiting", "admitted"}:
        return None
    if known is None and len(conference.admissions) >= MAX_ADMISSIONS:
        raise Conflict("too many have asked to come into this room", reason="too_many_stays")
    if sum(one.state == "waiting" for one in conference.admissions) >= MAX_WAITING:
        raise Conflict("too many wait before this room", reason="too_many_waiting")
    others = tuple(one for one in conference.admissions if one.admission_id != admission_id)
    changed = replace(conference, admissions=(*others, Admission(admission_id, display_name, now)))
    return Decision(changed, (events.AdmissionRequested(*conference.identity(), admission_id),))


def admit(conference: Conference, admission_id: str, now: datetime) -> Decision | None:
    """The clerk lets somebody in who waits. Who was admitted before, and is not in the room, must ask again."""
    if conference.state != "started":
        raise IllegalStep("nobody can be admitted now", reason="not_started", state=conference.state, allowed=[])
    wanted = _known(conference, admission_id)
    if wanted.state == "admitted":
        return None
    _require_state(wanted, "waiting")
    before = conference.admitted
    if before and any(one.present and one.admission_id == before.admission_id for one in conference.people):
        raise Conflict("another holder is in the room", reason="holder_present")
    changed = _decided(conference, before.admission_id, "replaced", now) if before else conference
    changed = _decided(changed, admission_id, "admitted", now)
    happened = events.ParticipantAdmitted(*conference.identity(), admission_id, before.admission_id if before else None)
    return _without_earlier_stays(changed, happened, now)


def refuse(conference: Conference, admission_id: str, now: datetime) -> Decision | None:
    """The clerk does not let somebody in who waits."""
    _require_live(conference)
    wanted = _known(conference, admission_id)
    if wanted.state == "refused":
        return None
    _require_state(wanted, "waiting")
    refused = events.AdmissionRefused(*conference.identity(), admission_id)
    return Decision(_decided(conference, admission_id, "refused", now), (refused,))


def eject(conference: Conference, admission_id: str, now: datetime) -> Decision | None:
    """The clerk sends the holder out: the admission ends, and the ids of its stays are spent."""
    _require_live(conference)
    wanted = _known(conference, admission_id)
    if wanted.state == "ejected":
        return None
    _require_state(wanted, "admitted")
    happened = events.ParticipantEjected(*conference.identity(), admission_id)
    return _without_earlier_stays(_decided(conference, admission_id, "ejected", now), happened, now)


def find(conference: Conference, admission_id: str) -> Admission | None:
    """What was asked under that id."""
    return next((one for one in conference.admissions if one.admission_id == admission_id), None)


def _known(conference: Conference, admission_id: str) -> Admission:
    found = find(conference, admission_id)
    if found is None:
        raise NotFound("nobody has asked to come in under that id", field="admission_id")
    return found


def _require_state(admission: Admission, state: AdmissionState) -> None:
    if admission.state != state:
        raise Conflict(f"the admission is {admission.state}, not {state}", reason=f"not_{state}")


def _require_live(conference: Conference) -> None:
    if not conference.live:
        raise IllegalStep("the conference is over", state=conference.state, allowed=[])


def _decided(conference: Conference, admission_id: str, state: AdmissionState, now: datetime) -> Conference:
    changed = tuple(
        replace(one, state=state, decided_at=now) if one.admission_id == admission_id else one for one in conference.admissions
    )
    return replace(conference, admissions=changed)


def _without_earlier_stays(conference: Conference, happened: events.ConferenceEvent, now: datetime) -> Decision:
    """Every stay of a holder that is not admitted (any more) is over, among them those of before there were admissions."""
    welcome = conference.admitted.admission_id if conference.admitted else None
    participants = tuple(
        replace(one, dismissed=True) if one.role == "holder" and (welcome is None or one.admission_id != welcome) else one
        for one in conference.participants
    )
    changed = replace(conference, participants=participants)
    still = [one.participant_id for one in participants if one.present and not one.dismissed]
    left = note_presence(changed, still, now)
    return Decision(left.conference, (happened, *left.events)) if left else Decision(changed, (happened,))
