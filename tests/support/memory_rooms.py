"""The conference's ports in memory, for unit tests."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.errors import Unavailable
from services.conference.application.ports import Access, Decide, Instance, RoomGone, Rooms, Rules, TrackFacts, Trigger
from services.conference.model.conference import Conference
from services.conference.model.events import ConferenceEvent

SECRET = "a-secret-for-unit-tests-of-32-characters"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class MemoryRoom:
    """A room as the SFU has it."""

    recording: bool
    present: set[str] = field(default_factory=set)


class MemorySfu:
    """See :class:`services.conference.application.ports.Sfu`."""

    def __init__(self) -> None:
        self.rooms: dict[str, MemoryRoom] = {}
        self.answering = True

    def create_room(self, room: str, recording: bool) -> bool:
        self._reach()
        if room in self.rooms:
            return False
        self.rooms[room] = MemoryRoom(recording)
        return True

    def start_recording(self, room: str) -> None:
        self._room(room).recording = True

    def stop_recording(self, room: str) -> None:
        self._room(room).recording = False

    def participants(self, room: str) -> frozenset[str]:
        return frozenset(self._room(room).present)

    def kick(self, room: str, participant_id: str) -> None:
        self._room(room).present.discard(participant_id)

    def destroy_room(self, room: str) -> None:
        self._reach()
        self.rooms.pop(room, None)

    def access(self, room: str, until: datetime) -> Access:
        return Access(f"gateway until {until.timestamp()}", f"room {room}")

    def check(self) -> None:
        self._reach()

    def keep_alive(self) -> None:
        self._reach()

    def _room(self, room: str) -> MemoryRoom:
        self._reach()
        if room not in self.rooms:
            raise RoomGone("the SFU does not know the room")
        return self.rooms[room]

    def _reach(self) -> None:
        if not self.answering:
            raise Unavailable("the SFU does not answer")


class MemoryTracks:
    """See :class:`services.conference.application.ports.Tracks`."""

    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}
        self.open: set[str] = set()
        self.begun: dict[str, datetime] = {}
        self.until: dict[str, datetime] = {}
        self.drains = False
        self.answering = True

    def look(self, room: str) -> TrackFacts:
        self.check()
        return TrackFacts(self.bytes.get(room, 0), self.begun.get(room), self.until.get(room), room not in self.open)

    def draining(self) -> bool:
        self.check()
        return self.drains

    def check(self) -> None:
        if not self.answering:
            raise Unavailable("the track watcher does not answer")


class MemoryConferences:
    """See :class:`services.conference.application.ports.Conferences`."""

    def __init__(self) -> None:
        self.kept: dict[str, Conference] = {}
        self.events: list[ConferenceEvent] = []
        self.replies: dict[str, Any] = {}
        self.endings: dict[str, datetime] = {}

    def get(self, conference_id: str) -> Conference | None:
        return self.kept.get(conference_id)

    def of_emission(self, emission_id: str) -> Sequence[Conference]:
        found = [one for one in self.kept.values() if one.emission_id == emission_id]
        return sorted(found, key=lambda one: one.asked_at, reverse=True)

    def unfinished(self) -> Sequence[Conference]:
        return [one for one in self.kept.values() if one.live or one.closing]

    def awaiting_media(self) -> Sequence[Conference]:
        return [one for one in self.kept.values() if one.live and one.recording == "requested"]

    def change(self, conference_id: str, decide: Decide, trigger: Trigger, reply: Any = None) -> Any:
        if trigger.command_id in self.replies:
            return self.replies[trigger.command_id]
        decision = decide(self.kept.get(conference_id))
        if decision is None:
            return None
        self.kept[conference_id] = decision.conference
        self.events += decision.events
        if trigger.command_id:
            self.replies[trigger.command_id] = reply
        return reply

    def note_ending(self, emission_id: str, at: datetime) -> None:
        self.endings[emission_id] = max(at, self.endings.get(emission_id, at))

    def ending(self, emission_id: str) -> datetime | None:
        return self.endings.get(emission_id)


class House:
    """Rooms with all ports in memory, and a clock to be set. ``sfu`` and ``tracks`` are those of the first instance."""

    def __init__(self, patience: timedelta = timedelta(minutes=30), instances: Sequence[str] = ("",)) -> None:
        self.time = START
        self.conferences = MemoryConferences()
        self.sfus = {name: MemorySfu() for name in instances}
        self.recorders = {name: MemoryTracks() for name in instances}
        self.sfu = self.sfus[instances[0]]
        self.tracks = self.recorders[instances[0]]
        numbers = itertools.count(1)
        self.rooms = Rooms(
            self.conferences,
            {name: Instance(self.sfus[name], self.recorders[name], f"wss://sfu.example{name}") for name in instances},
            lambda: self.time,
            lambda: f"{next(numbers):06x}",
            lambda seconds: self.pass_time(seconds=seconds),
            Rules(SECRET, patience, settle_seconds=0.01),
        )

    def pass_time(self, **amount: float) -> None:
        self.time += timedelta(**amount)

    def happened(self) -> list[str]:
        """The names of the events so far."""
        return [type(event).__name__ for event in self.conferences.events]
