"""The conference's state and its decisions: each returns the next state with the events that say so, or None for no change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from contracts.errors import Conflict, Forbidden, IllegalStep, LinkUnusable, NotFound
from services.conference.model import events
from services.conference.model.people import SCREEN_SUFFIX, Admission, DocumentPicture, Participant, Role, Tick

State = Literal["open", "started", "ended", "abandoned"]
RecordingState = Literal["off", "requested", "on", "stopped"]
MAX_STAYS = 200
ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Conference:
    """One meeting of one emission.

    ``asked_at`` is the time of the event that asked for it; ``empty_since`` is set while a started room has nobody in it;
    ``closing`` is true between the end and the moment when the recorder's files are closed and the room is gone; ``instance``
    is the SFU instance of its room ("": the only one; None: none could take it yet); ``warned_at``: since when it is
    told that the empty room will close.
    """

    conference_id: str
    emission_id: str
    office_id: str
    office_name: str | None
    asked_at: datetime
    opened_at: datetime
    recording_id: str
    state: State = "open"
    recording: RecordingState = "off"
    participants: tuple[Participant, ...] = ()
    started_at: datetime | None = None
    recording_started_at: datetime | None = None
    recording_stopped_at: datetime | None = None
    ended_at: datetime | None = None
    empty_since: datetime | None = None
    end_reason: str | None = None
    closing: bool = False
    checklist: tuple[Tick, ...] = ()
    instance: str | None = ""
    admissions: tuple[Admission, ...] = ()
    pictures: tuple[DocumentPicture, ...] = ()
    warned_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether people may be in the room."""
        return self.state in {"open", "started"}

    @property
    def people(self) -> tuple[Participant, ...]:
        """The stays of people that were really in the room (shared screens left out)."""
        return tuple(one for one in self.participants if one.purpose == "camera" and one.joined_at)

    def find(self, participant_id: str) -> Participant | None:
        """The participant to whom an id was given."""
        return next((one for one in self.participants if one.participant_id == participant_id), None)

    @property
    def admitted(self) -> Admission | None:
        """Who may be in the room as its holder: one browser at a time."""
        return next((one for one in self.admissions if one.state == "admitted"), None)

    def is_present(self, role: Role) -> bool:
        """Whether somebody of that role is in the room."""
        return any(one.present for one in self.people if one.role == role)

    def closes_at(self, patience: timedelta) -> datetime | None:
        """When the room will close by itself if nobody comes."""
        return self.empty_since + patience if self.state == "started" and self.empty_since else None

    def identity(self) -> tuple[str, str, str]:
        """What every event begins with."""
        return self.conference_id, self.emission_id, self.office_id


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state and the events that led there."""

    conference: Conference
    events: tuple[events.ConferenceEvent, ...] = ()


Decide = Callable[[Conference], Decision | None]
"""From a conference to what shall be stored (None: nothing)."""


def allowed(conference: Conference) -> list[str]:
    """The commands that are possible now."""
    if conference.state == "open":
        return ["join_conference", "start_conference", "end_conference"]
    if conference.state == "started":
        recording = {"off": ["start_recording"], "on": ["tick_checklist"]}.get(conference.recording, [])
        return ["join_conference", *recording, "end_conference"]
    return []


def _require(conference: Conference, command: str) -> None:
    if command not in allowed(conference):
        raise IllegalStep(
            f"{command} is not possible in state {conference.state}",
            state=conference.state,
            recording=conference.recording,
            allowed=allowed(conference),
        )


def open_conference(conference: Conference) -> Decision:
    """A fresh conference."""
    return Decision(conference, (events.ConferenceOpened(*conference.identity()),))


def start(conference: Conference, now: datetime) -> Decision:
    """The clerk starts: from now on the holder may come in."""
    _require(conference, "start_conference")
    empty = None if any(one.present for one in conference.people) else now
    changed = replace(conference, state="started", started_at=now, empty_since=empty)
    return Decision(changed, (events.ConferenceStarted(*conference.identity()),))


def request_recording(conference: Conference) -> Decision:
    """The clerk asks for the recording; it is on only when media is on disk."""
    _require(conference, "start_recording")
    return Decision(replace(conference, recording="requested"), (events.RecordingRequested(*conference.identity()),))


def tick(conference: Conference, item: str, done: bool, now: datetime) -> Decision | None:
    """Tick an item of the checklist, or take its tick back: only while it is recorded, so that each is a moment of the video."""
    _require(conference, "tick_checklist")
    if done == any(known.item == item for known in conference.checklist):
        return None
    others = tuple(known for known in conference.checklist if known.item != item)
    if done:
        ticked = events.ChecklistItemTicked(*conference.identity(), conference.recording_id, item)
        return Decision(replace(conference, checklist=(*others, Tick(item, now))), (ticked,))
    cleared = events.ChecklistItemCleared(*conference.identity(), conference.recording_id, item)
    return Decision(replace(conference, checklist=others), (cleared,))


def note_media(conference: Conference, tracks: str, now: datetime) -> Decision | None:
    """Media bytes are on disk since ``now``: the light goes on; the recording has started if this is the first time."""
    if conference.recording != "requested":
        return None
    if conference.recording_started_at:
        return Decision(replace(conference, recording="on"))
    started = _recording_started(conference, now, tracks)
    return Decision(replace(conference, recording="on", recording_started_at=now), (started,))


def note_room_lost(conference: Conference) -> Decision | None:
    """The room was lost, or its SFU does not answer: until media is seen on disk again, the light is off."""
    if not conference.live or conference.recording != "on":
        return None
    return Decision(replace(conference, recording="requested"))


def join(conference: Conference, role: Role, participant_id: str, display_name: str, admission_id: str | None = None) -> Decision:
    """Give a person an id for one stay; a holder may come in once the conference is started and the clerk has admitted it."""
    if role == "holder" and not conference.live:
        raise LinkUnusable("the conference has ended", reason="ended")
    _require(conference, "join_conference")
    if role == "holder" and conference.state == "open":
        raise IllegalStep("the conference has not started yet", reason="not_started", state=conference.state, allowed=[])
    if role == "holder":
        display_name = require_admitted(conference, admission_id).display_name
    if len(conference.participants) >= MAX_STAYS:
        raise Conflict("this room was joined too often", reason="too_many_stays")
    joined = Participant(participant_id, role, display_name, admission_id=admission_id)
    return Decision(replace(conference, participants=(*conference.participants, joined)))


def require_admitted(conference: Conference, admission_id: str | None) -> Admission:
    """The admission, where it is the one that is good now; :class:`Forbidden` otherwise."""
    found = conference.admitted
    if found is None or found.admission_id != admission_id:
        raise Forbidden("the clerk has not admitted this browser", reason="not_admitted")
    return found


def share_screen(conference: Conference, role: Role, camera_id: str, admission_id: str | None = None) -> Decision | None:
    """Give the screen of a participant an id; asked again, it is the same."""
    _require(conference, "join_conference")
    camera = conference.find(camera_id)
    if camera is None or camera.role != role or camera.purpose != "camera" or camera.dismissed:
        raise NotFound("no such participant in this room", field="participant_id")
    if role == "holder":
        require_admitted(conference, admission_id)
    screen_id = camera_id + SCREEN_SUFFIX
    if conference.find(screen_id):
        return None
    screen = Participant(screen_id, role, camera.display_name, "screen")
    return Decision(replace(conference, participants=(*conference.participants, screen)))


def leave(conference: Conference, role: Role, participant_id: str, now: datetime) -> Decision | None:
    """A person (or a shared screen) leaves and its id is spent; recording and conference go on."""
    leaving = conference.find(participant_id)
    if leaving is None or leaving.role != role:
        raise NotFound("no such participant in this room", field="participant_id")
    gone = {participant_id, participant_id + SCREEN_SUFFIX}
    seen = [one.participant_id for one in conference.participants if one.present and one.participant_id not in gone]
    spent = tuple(replace(one, dismissed=True) if one.participant_id in gone else one for one in conference.participants)
    if spent == conference.participants:
        return None
    dismissed = replace(conference, participants=spent)
    return note_presence(dismissed, seen, now) or Decision(dismissed)


def note_presence(conference: Conference, seen: Collection[str], now: datetime) -> Decision | None:
    """Bring who is present into agreement with what the room shows."""
    if not conference.live:
        return None
    participants = tuple(_reconciled(one, one.participant_id in seen, now) for one in conference.participants)
    empty = not any(one.present for one in participants if one.purpose == "camera")
    empty_since = (conference.empty_since or now) if empty and conference.state == "started" else None
    warned_at = conference.warned_at if empty_since else None
    changed = replace(conference, participants=participants, empty_since=empty_since, warned_at=warned_at)
    if changed == conference:
        return None
    return Decision(changed, tuple(_comings_and_goings(conference, changed)))


def _reconciled(participant: Participant, seen: bool, now: datetime) -> Participant:
    if seen and not participant.dismissed and not participant.present:
        return replace(participant, present=True, joined_at=participant.joined_at or now, left_at=None)
    if participant.present and (not seen or participant.dismissed):
        return replace(participant, present=False, left_at=now)
    return participant


def _comings_and_goings(before: Conference, after: Conference) -> Iterable[events.ConferenceEvent]:
    for old, new in zip(before.participants, after.participants, strict=True):
        if new.purpose == "camera" and old.present != new.present:
            kind = events.ParticipantJoined if new.present else events.ParticipantLeft
            yield kind(*after.identity(), new.participant_id, new.role)


def strangers(conference: Conference, seen: Collection[str]) -> list[str]:
    """Ids in the room that were never given, or are spent."""
    welcome = {one.participant_id for one in conference.participants if not one.dismissed}
    return [one for one in seen if one not in welcome]


def end(conference: Conference, now: datetime) -> Decision:
    """The clerk ends it; the recorder and the room are closed next (``closing``)."""
    _require(conference, "end_conference")
    return Decision(_ended(conference, "ended", "ended", now))


def end_for(conference: Conference, reason: str, now: datetime) -> Decision | None:
    """The emission is over for ``reason`` (refused, cancelled, inconclusive, expired): so is its conference."""
    return Decision(_ended(conference, "ended", reason, now)) if conference.live else None


def abandon(conference: Conference, patience: timedelta, now: datetime) -> Decision | None:
    """Close a started room in which nobody has been for ``patience``."""
    closes_at = conference.closes_at(patience)
    if closes_at is None or now < closes_at:
        return None
    return Decision(_ended(conference, "abandoned", ABANDONED, now))


def _ended(conference: Conference, state: State, reason: str, now: datetime) -> Conference:
    left = tuple(replace(one, present=False, left_at=now) if one.present else one for one in conference.participants)
    # Nothing was recorded of an abandoned room after the last one had left.
    stopped = conference.empty_since if state == "abandoned" else None
    return replace(
        conference,
        state=state,
        end_reason=reason,
        ended_at=now,
        participants=left,
        recording_stopped_at=stopped,
        closing=True,
    )


def close(conference: Conference, media_since: datetime | None, tracks: str, now: datetime) -> Decision | None:
    """Room and recorder are closed: say what was recorded (media is on disk since then), and that the conference has ended."""
    if not conference.closing:
        return None
    happened: list[events.ConferenceEvent] = [
        events.ParticipantLeft(*conference.identity(), one.participant_id, one.role)
        for one in conference.people
        if one.left_at == conference.ended_at and not one.dismissed
    ]
    asked = conference.recording in {"requested", "on"}
    recorded = asked and (media_since or conference.recording_started_at) is not None
    closed = replace(conference, closing=False, recording="off" if not recorded else "stopped", empty_since=None)
    if recorded:
        started_at = conference.recording_started_at or media_since or now
        stopped_at = max(conference.recording_stopped_at or now, started_at)
        closed = replace(closed, recording_started_at=started_at, recording_stopped_at=stopped_at)
        if conference.recording_started_at is None:
            happened.append(_recording_started(conference, started_at, tracks))
        happened.append(_recording_stopped(closed, started_at, stopped_at, tracks))
    else:
        closed = replace(closed, recording_stopped_at=None)
    happened.append(events.ConferenceEnded(*conference.identity(), conference.end_reason or "ended", recorded))
    return Decision(closed, tuple(happened))


def _recording_started(conference: Conference, started_at: datetime, tracks: str) -> events.RecordingStarted:
    instance = conference.instance or ""
    return events.RecordingStarted(*conference.identity(), conference.recording_id, started_at, tracks, instance)


def _recording_stopped(
    conference: Conference, started_at: datetime, stopped_at: datetime, tracks: str
) -> events.RecordingStopped:
    people = tuple(
        {
            "participant_id": one.participant_id,
            "role": one.role,
            "display_name": one.role,  # events carry no names
            "present": False,
            "joined_at": one.joined_at,
            "left_at": one.left_at,
        }
        for one in conference.people
    )
    instance = conference.instance or ""
    return events.RecordingStopped(
        *conference.identity(), conference.recording_id, started_at, tracks, instance, stopped_at, people
    )
