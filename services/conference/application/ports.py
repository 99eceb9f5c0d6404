"""What the conference's use cases need from the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from chassis.clock import Clock
from contracts.errors import NotFound, Unavailable
from services.conference.model.conference import Conference, Decision
from services.conference.model.turn import Turn


class RoomGone(NotFound):
    """The SFU does not know the room (any more)."""


@dataclass(frozen=True, slots=True)
class Access:
    """Signed tokens with which a browser reaches the SFU and joins one room."""

    gateway_token: str
    room_token: str


class Sfu(Protocol):
    """Rooms that forward and record. Every method raises :class:`contracts.errors.Unavailable` if the SFU does not answer."""

    def create_room(self, room: str, recording: bool) -> bool:
        """Make a room unless it is there; false where it was. ``recording``: record from the first packet on."""

    def start_recording(self, room: str) -> None:
        """Record everybody who is or comes in; may be repeated; :class:`RoomGone`."""

    def stop_recording(self, room: str) -> None:
        """Close the track files; may be repeated; :class:`RoomGone`."""

    def participants(self, room: str) -> frozenset[str]:
        """Who is in the room; :class:`RoomGone`."""

    def kick(self, room: str, participant_id: str) -> None:
        """Send somebody out; nothing happens if not there; :class:`RoomGone`."""

    def destroy_room(self, room: str) -> None:
        """Send all out and remove the room; nothing happens where there is none."""

    def access(self, room: str, until: datetime) -> Access:
        """Tokens for a browser, good until then."""

    def check(self) -> None:
        """Nothing happens where it answers."""

    def keep_alive(self) -> None:
        """Keep the way to it open where nothing else has used it for a while."""


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What the track files of a room tell.

    ``media_bytes``: how many bytes of media (headers left out) are on disk. ``begun_at``: when the first packet of media arrived,
    ``written_until``: when the recorder last wrote; None where there is nothing yet. ``settled``: every file is closed.
    """

    media_bytes: int = 0
    begun_at: datetime | None = None
    written_until: datetime | None = None
    settled: bool = True


class Tracks(Protocol):
    """The track files that an instance's recorder writes.

    Every method raises :class:`contracts.errors.Unavailable` where they cannot be looked at.
    """

    def look(self, room: str) -> TrackFacts:
        """What is on disk of a room; nothing where there is no such room."""

    def draining(self) -> bool:
        """Whether the instance will soon be stopped and must get no further room."""

    def check(self) -> None:
        """Nothing happens where they can be looked at."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One SFU with the files of its recorder; ``signalling_url`` is where browsers reach it."""

    sfu: Sfu
    tracks: Tracks
    signalling_url: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """What led to a change: the actor and command id of a call, or the event that was handled."""

    actor: dict[str, Any] | None = None
    command_id: str | None = None
    cause: str | None = None


Decide = Callable[[Conference | None], Decision | None]


class Conferences(Protocol):
    """Stored conferences; a change and its events are stored in one write."""

    def get(self, conference_id: str) -> Conference | None:
        """By id."""

    def of_emission(self, emission_id: str) -> Sequence[Conference]:
        """All of an emission, newest first."""

    def unfinished(self) -> Sequence[Conference]:
        """All that are live or still closing."""

    def awaiting_media(self) -> Sequence[Conference]:
        """All live ones whose recording is asked for and not yet on disk."""

    def change(self, conference_id: str, decide: Decide, trigger: Trigger, reply: Any = None) -> Any:
        """Store what ``decide`` wants; a command id seen before changes nothing and returns the reply of then."""

    def note_ending(self, emission_id: str, at: datetime) -> None:
        """Remember that the emission ended then, in case its conference is yet to come."""

    def ending(self, emission_id: str) -> datetime | None:
        """When the emission ended, if it is known to have."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Figures that the operator chooses."""

    secret: str
    patience: timedelta
    ice_servers: list[dict[str, Any]] = field(default_factory=list)
    bitrate: int = 1_500_000
    access: timedelta = timedelta(hours=4)
    trial: timedelta = timedelta(minutes=15)
    settle_seconds: float = 5.0
    turn: Turn | None = None
    notice: timedelta = timedelta(minutes=10)

    def ice_for(self, who: str, until: datetime) -> list[dict[str, Any]]:
        """The servers that help a browser to reach the SFU; a relay's credential is ``who``'s, good until then."""
        return [*self.ice_servers, self.turn.ice_server(who, until)] if self.turn else list(self.ice_servers)


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything the use cases work with; ``instances`` are the SFU's by name ("": the only one)."""

    conferences: Conferences
    instances: Mapping[str, Instance]
    now: Clock
    new_suffix: Callable[[], str]
    sleep: Callable[[float], object]
    rules: Rules

    def at(self, conference: Conference) -> Instance:
        """The instance of a conference; :class:`RoomGone` where it has none yet, ``Unavailable`` where it is none of ours."""
        if conference.instance is None:
            raise RoomGone("the conference has no place yet", conference_id=conference.conference_id)
        found = self.instances.get(conference.instance)
        if found is None:
            raise Unavailable("the conference's SFU instance is not known", reason="instance", instance=conference.instance)
        return found
