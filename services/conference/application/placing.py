"""Which SFU instance takes a room, and how those that wait leave an instance that will be stopped."""

from __future__ import annotations

from chassis.logs import get_logger
from contracts.errors import Unavailable
from services.conference.application.ports import Instance, RoomGone, Rooms, Trigger
from services.conference.model import placement
from services.conference.model.conference import Conference, Decision

logger = get_logger(__name__)
BY_ITSELF = Trigger(actor={"user_id": "service:conference", "role": "system", "office_id": None})


def choose(rooms: Rooms) -> str | None:
    """The least loaded instance that answers and is not draining; None: no room can be taken now.

    Where there is one instance only, waiting for it is all that could be done: whether it answers need not be asked.
    """
    unfinished = rooms.conferences.unfinished() if len(rooms.instances) > 1 else ()
    for name in placement.by_load(list(rooms.instances), unfinished):
        if _takes_rooms(rooms.instances[name], alone=len(rooms.instances) == 1):
            return name
    return None


def _takes_rooms(instance: Instance, alone: bool) -> bool:
    try:
        if instance.tracks.draining():
            return False
        if not alone:
            instance.sfu.check()
    except Unavailable:
        return False
    return True


def placed(rooms: Rooms, conference: Conference) -> Conference:
    """The conference with its instance, chosen now where it has none; :class:`Unavailable` where none takes rooms."""
    if conference.instance is not None:
        return conference
    name = choose(rooms)
    if name is None:
        raise Unavailable("no SFU instance takes rooms now", reason="instance", conference_id=conference.conference_id)

    def give(present: Conference | None) -> Decision | None:
        return placement.place(present, name) if present else None

    rooms.conferences.change(conference.conference_id, give, BY_ITSELF)
    return rooms.conferences.get(conference.conference_id) or conference


def leave_if_draining(rooms: Rooms, name: str, waiting: list[Conference]) -> None:
    """Take the rooms into which nobody has come yet from an instance that will be stopped; the next look places them anew."""
    instance = rooms.instances[name]
    if not waiting or not instance.tracks.draining():
        return
    for conference in waiting:
        if conference.state != "open" or _somebody_inside(instance, conference):
            continue

        def withdraw(present: Conference | None) -> Decision | None:
            return placement.withdraw(present, name) if present else None

        rooms.conferences.change(conference.conference_id, withdraw, BY_ITSELF)
        now = rooms.conferences.get(conference.conference_id)
        if now and now.instance != name:
            logger.info("a waiting room leaves a draining instance", conference_id=conference.conference_id, instance=name)
            instance.sfu.destroy_room(conference.conference_id)


def _somebody_inside(instance: Instance, conference: Conference) -> bool:
    try:
        return bool(instance.sfu.participants(conference.conference_id))
    except RoomGone:
        return False
