"""What happens to conferences by themselves: presence, the recording light, lost and abandoned rooms, closing."""

from __future__ import annotations

import functools
import time
from datetime import timedelta

from chassis.logs import get_logger
from contracts.errors import Unavailable
from services.conference.application.ports import RoomGone, Rooms, Trigger
from services.conference.model import conference as model
from services.conference.model.conference import Conference, Decision

logger = get_logger(__name__)
BY_ITSELF = Trigger(actor={"user_id": "service:conference", "role": "system", "office_id": None})
POLL_SECONDS = 0.05
GIVE_UP = timedelta(minutes=2)
"""How long a recorder that does not answer is waited for before its files are taken as they are."""


def reconcile(rooms: Rooms, conference: Conference) -> None:
    """One look at one unfinished conference; what fails is tried again at the next look."""
    if conference.closing:
        close_if_possible(rooms, conference.conference_id)
        return
    try:
        seen = rooms.sfu.participants(conference.conference_id)
    except RoomGone:
        ensure_room(rooms, conference)
        seen = frozenset()
    except Unavailable:
        logger.warning("the room cannot be looked at", conference_id=conference.conference_id)
        return
    now = rooms.now()
    _change(rooms, conference, lambda present: model.note_presence(present, seen, now))
    for stranger in model.strangers(rooms.conferences.get(conference.conference_id) or conference, seen):
        logger.warning("unknown participant sent out", conference_id=conference.conference_id)
        send_out(rooms, conference.conference_id, stranger)
    _change(rooms, conference, lambda present: model.abandon(present, rooms.rules.patience, now))


def watch_recordings(rooms: Rooms, known: dict[str, int]) -> None:
    """Put the light on where media grows on disk. ``known`` keeps, between looks, how many bytes each room had."""
    awaiting = {conference.conference_id: conference for conference in rooms.conferences.awaiting_media()}
    for finished in known.keys() - awaiting.keys():
        del known[finished]
    for conference_id, conference in awaiting.items():
        found = rooms.tracks.media_bytes(conference_id)
        # After a room was lost, what its first life left on disk says nothing about the second.
        before = known.setdefault(conference_id, found if conference.recording_started_at else 0)
        if found > before:
            # The recording began with its first packet, however much later that is seen.
            begun = rooms.tracks.begun_at(conference_id) or rooms.now()
            _change(rooms, conference, functools.partial(model.note_media, tracks=rooms.tracks.folder(conference_id), now=begun))
            del known[conference_id]


def ensure_room(rooms: Rooms, conference: Conference) -> None:
    """Make the room if the SFU has none, recording if it should."""
    recording = conference.recording in {"requested", "on"}
    if rooms.sfu.create_room(conference.conference_id, recording) and conference.participants:
        logger.warning("a lost room was made anew", conference_id=conference.conference_id, recording=recording)
        _change(rooms, conference, model.note_room_lost)


def send_out(rooms: Rooms, conference_id: str, participant_id: str) -> None:
    """Kick; if the SFU does not answer, the next look at the room does it."""
    try:
        rooms.sfu.kick(conference_id, participant_id)
    except (RoomGone, Unavailable):
        logger.info("nobody could be sent out", conference_id=conference_id)


def close_if_possible(rooms: Rooms, conference_id: str) -> None:
    """Stop the recorder, wait until its files are closed, remove the room, tell. Nothing is lost where it cannot be done yet."""
    conference = rooms.conferences.get(conference_id)
    if conference is None or not conference.closing:
        return
    try:
        try:
            rooms.sfu.stop_recording(conference_id)
        except RoomGone:
            logger.info("the room was gone already", conference_id=conference_id)
        stopped_at = rooms.now()
        rooms.sfu.destroy_room(conference_id)
    except Unavailable:
        stopped_at = rooms.now()
        if conference.ended_at and stopped_at - conference.ended_at < GIVE_UP:
            logger.warning("the room cannot be closed yet", conference_id=conference_id)
            return
        logger.warning("the recorder does not answer; its files are taken as they are", conference_id=conference_id)
    _wait_until_settled(rooms, conference_id)
    on_disk = rooms.tracks.media_bytes(conference_id) > 0
    # Both ends by the recorder's clock: ours may have been turned back meanwhile.
    stopped_at = max(stopped_at, rooms.tracks.written_until(conference_id) or stopped_at)
    begun = (rooms.tracks.begun_at(conference_id) or conference.ended_at or stopped_at) if on_disk else None
    tracks = rooms.tracks.folder(conference_id)
    _change(rooms, conference, lambda present: model.close(present, begun, tracks, stopped_at))


def _wait_until_settled(rooms: Rooms, conference_id: str) -> None:
    """A killed recorder leaves files that are never closed: they are taken as they are after a while."""
    deadline = time.monotonic() + rooms.rules.settle_seconds
    while not rooms.tracks.settled(conference_id) and time.monotonic() < deadline:
        rooms.sleep(POLL_SECONDS)


def _change(rooms: Rooms, conference: Conference, decide: model.Decide) -> None:
    def on_present(present: Conference | None) -> Decision | None:
        return decide(present) if present else None

    rooms.conferences.change(conference.conference_id, on_present, BY_ITSELF)
