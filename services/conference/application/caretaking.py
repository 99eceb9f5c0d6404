"""What happens to conferences by themselves: presence, the recording light, lost and abandoned rooms, closing."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.logs import get_logger
from contracts.errors import Unavailable
from services.conference.application import placing
from services.conference.application.placing import BY_ITSELF
from services.conference.application.ports import RoomGone, Rooms, TrackFacts
from services.conference.model import abandonment
from services.conference.model import conference as model
from services.conference.model.conference import Conference, Decision

logger = get_logger(__name__)
POLL_SECONDS = 0.05
GIVE_UP = timedelta(minutes=2)
"""How long a recorder that does not answer is waited for before its files are taken as they are."""


def reconcile(rooms: Rooms, conference: Conference) -> None:
    """One look at one unfinished conference; what fails is tried again at the next look."""
    if conference.closing:
        close_if_possible(rooms, conference.conference_id)
        return
    try:
        seen = _seen(rooms, conference)
    except Unavailable:
        logger.warning("the room cannot be looked at", conference_id=conference.conference_id)
        # Whether it still records, only growing files tell: the light waits for them.
        _change(rooms, conference, model.note_room_lost)
        return
    now = rooms.now()
    _change(rooms, conference, lambda present: model.note_presence(present, seen, now))
    for stranger in model.strangers(rooms.conferences.get(conference.conference_id) or conference, seen):
        logger.warning("unknown participant sent out", conference_id=conference.conference_id)
        send_out(rooms, conference, stranger)
    _change(rooms, conference, lambda present: abandonment.warn(present, rooms.rules.patience, rooms.rules.notice, now))
    _change(rooms, conference, lambda present: model.abandon(present, rooms.rules.patience, now))


def _seen(rooms: Rooms, conference: Conference) -> frozenset[str]:
    try:
        return rooms.at(conference).sfu.participants(conference.conference_id)
    except RoomGone:
        ensure_room(rooms, conference)
        return frozenset()


def watch_recordings(rooms: Rooms, awaiting: Sequence[Conference], known: dict[str, int]) -> None:
    """Put the light on where media grows on disk. ``known`` keeps, between looks, how many bytes each awaiting room had."""
    for finished in known.keys() - {conference.conference_id for conference in awaiting}:
        del known[finished]
    for conference in awaiting:
        conference_id = conference.conference_id
        facts = rooms.at(conference).tracks.look(conference_id)
        # After a room was lost, what its first life left on disk says nothing about the second.
        before = known.setdefault(conference_id, facts.media_bytes if conference.recording_started_at else 0)
        if facts.media_bytes > before:
            # The recording began with its first packet, however much later that is seen.
            begun = facts.begun_at or rooms.now()
            _change(rooms, conference, functools.partial(model.note_media, tracks=conference_id, now=begun))
            del known[conference_id]


def ensure_room(rooms: Rooms, conference: Conference) -> Conference:
    """Make the room if its SFU has none, recording if it should; returns the conference as it is placed."""
    conference = placing.placed(rooms, conference)
    recording = conference.recording in {"requested", "on"}
    made = rooms.at(conference).sfu.create_room(conference.conference_id, recording)
    if made and conference.participants:
        logger.warning("a lost room was made anew", conference_id=conference.conference_id, recording=recording)
        _change(rooms, conference, model.note_room_lost)
    return conference


def send_out(rooms: Rooms, conference: Conference, participant_id: str) -> None:
    """Kick; if the SFU does not answer, the next look at the room does it."""
    try:
        rooms.at(conference).sfu.kick(conference.conference_id, participant_id)
    except (RoomGone, Unavailable):
        logger.info("nobody could be sent out", conference_id=conference.conference_id)


def close_if_possible(rooms: Rooms, conference_id: str) -> None:
    """Stop the recorder, wait until its files are closed, remove the room, tell. Nothing is lost where it cannot be done yet."""
    conference = rooms.conferences.get(conference_id)
    if conference is None or not conference.closing:
        return
    stopped_at, found = rooms.now(), TrackFacts()
    if conference.instance is not None:
        try:
            stopped_at = _stop(rooms, conference)
            found = _settled(rooms, conference)
        except Unavailable:
            logger.warning("the room cannot be closed yet", conference_id=conference_id)
            return
    # Both ends by the recorder's clock: ours may have been turned back meanwhile.
    stopped_at = max(stopped_at, found.written_until or stopped_at)
    begun = (found.begun_at or conference.ended_at or stopped_at) if found.media_bytes > 0 else None
    _change(rooms, conference, lambda present: model.close(present, begun, conference_id, stopped_at))


def _stop(rooms: Rooms, conference: Conference) -> datetime:
    """Stop the recorder and remove the room; returns when it was stopped. Given up after a while: the files are enough."""
    try:
        sfu = rooms.at(conference).sfu
        try:
            sfu.stop_recording(conference.conference_id)
        except RoomGone:
            logger.info("the room was gone already", conference_id=conference.conference_id)
        stopped_at = rooms.now()
        sfu.destroy_room(conference.conference_id)
    except Unavailable:
        stopped_at = rooms.now()
        if not _given_up(conference, stopped_at):
            raise
        logger.warning("the recorder does not answer; its files are taken as they are", conference_id=conference.conference_id)
    return stopped_at


def _settled(rooms: Rooms, conference: Conference) -> TrackFacts:
    """What the files tell once they are closed. A killed recorder never closes them: they are taken as they are after a while.

    Files that cannot be looked at are given up only where it is known without them that there is a recording, or none.
    """
    try:
        tracks = rooms.at(conference).tracks
        deadline = time.monotonic() + rooms.rules.settle_seconds
        while not (found := tracks.look(conference.conference_id)).settled and time.monotonic() < deadline:
            rooms.sleep(POLL_SECONDS)
    except Unavailable:
        known = conference.recording == "off" or conference.recording_started_at is not None
        if not known or not _given_up(conference, rooms.now()):
            raise
        logger.warning("the tracks cannot be looked at; the conference ends", conference_id=conference.conference_id)
        return TrackFacts()
    return found


def _given_up(conference: Conference, now: datetime) -> bool:
    return conference.ended_at is None or now - conference.ended_at >= GIVE_UP


def _change(rooms: Rooms, conference: Conference, decide: model.Decide) -> None:
    def on_present(present: Conference | None) -> Decision | None:
        return decide(present) if present else None

    rooms.conferences.change(conference.conference_id, on_present, BY_ITSELF)
