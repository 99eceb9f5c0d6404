"""Nameko's face of the conference: translate, call, reply."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from eventlet import GreenPool
from nameko.timer import Timer

from chassis.events import handles
from chassis.logs import get_logger
from chassis.rpc import Call, answers
from chassis.runner import RelayRunner, Wired
from contracts import certification
from contracts import conference as contract
from contracts.envelope import Envelope
from services.conference import wiring
from services.conference.application import admissions, caretaking, commands, document_pictures, emissions, placing
from services.conference.application.ports import Rooms
from services.conference.looks import Looks, by_instance
from services.conference.model.conference import Conference

logger = get_logger(__name__)
LOOKS_AT_ONCE = 20
_known_bytes: dict[str, dict[str, int]] = {}
_looking = Looks()
Tick = Callable[[Any], None]


def every(seconds: float) -> Callable[[Tick], Tick]:
    """Nameko's timer; a tick never overlaps the one before."""
    decorate: Callable[[Tick], Tick] = Timer.decorator(interval=seconds)
    return decorate


class ConferenceService:
    """Answers the operations of :mod:`contracts.conference`, hears certification, looks after its rooms."""

    name = contract.SERVICE
    wired = Wired(wiring.build)
    relay = RelayRunner(lambda: wiring.build().outbox, lambda relay: wiring.build().wake(relay), lambda: wiring.build().lease)

    @answers(contract.GET_CONFERENCE)
    def get_conference(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.get_conference(self.wired.rooms, call, data["emission_id"])

    @answers(contract.GET_JOIN_LINK)
    def get_join_link(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.get_join_link(self.wired.rooms, data)

    @answers(contract.GET_ROUTE)
    def get_route(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.get_route(self.wired.rooms, call, data)

    @answers(contract.REQUEST_ADMISSION)
    def request_admission(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return admissions.request_admission(self.wired.rooms, call, data)

    @answers(contract.ADMIT_PARTICIPANT)
    def admit_participant(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return admissions.admit_participant(self.wired.rooms, call, data)

    @answers(contract.REFUSE_ADMISSION)
    def refuse_admission(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return admissions.refuse_admission(self.wired.rooms, call, data)

    @answers(contract.EJECT_PARTICIPANT)
    def eject_participant(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return admissions.eject_participant(self.wired.rooms, call, data)

    @answers(contract.JOIN_CONFERENCE)
    def join_conference(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.join_conference(self.wired.rooms, call, data)

    @answers(contract.LEAVE_CONFERENCE)
    def leave_conference(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.leave_conference(self.wired.rooms, call, data)

    @answers(contract.START_CONFERENCE)
    def start_conference(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.start_conference(self.wired.rooms, call, data["conference_id"])

    @answers(contract.START_RECORDING)
    def start_recording(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.start_recording(self.wired.rooms, call, data["conference_id"])

    @answers(contract.TICK_CHECKLIST)
    def tick_checklist(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.tick_checklist(self.wired.rooms, call, data["conference_id"], data["item"], data["done"])

    @answers(contract.REQUEST_DOCUMENT_PICTURE)
    def request_document_picture(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return document_pictures.request_document_picture(self.wired.rooms, call, data["conference_id"])

    @answers(contract.WITHDRAW_DOCUMENT_PICTURE)
    def withdraw_document_picture(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return document_pictures.withdraw_document_picture(self.wired.rooms, call, data)

    @answers(contract.SEND_DOCUMENT_PICTURE)
    def send_document_picture(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return document_pictures.send_document_picture(self.wired.rooms, call, data)

    @answers(contract.ACCEPT_DOCUMENT_PICTURE)
    def accept_document_picture(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return document_pictures.accept_document_picture(self.wired.rooms, call, data)

    @answers(contract.END_CONFERENCE)
    def end_conference(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return commands.end_conference(self.wired.rooms, call, data["conference_id"])

    @handles(certification.EMISSION_STARTED)
    def on_emission_started(self, envelope: Envelope) -> None:
        """Open a conference for a remote emission."""
        emissions.open_for_emission(self.wired.rooms, envelope)

    @handles(certification.IDENTIFICATION_RETRIED)
    def on_identification_retried(self, envelope: Envelope) -> None:
        """Open a fresh one."""
        emissions.open_for_retry(self.wired.rooms, envelope)

    @handles(certification.EMISSION_REFUSED)
    def on_emission_refused(self, envelope: Envelope) -> None:
        """End it."""
        emissions.end_for_emission(self.wired.rooms, envelope)

    @handles(certification.EMISSION_CANCELLED)
    def on_emission_cancelled(self, envelope: Envelope) -> None:
        """End it."""
        emissions.end_for_emission(self.wired.rooms, envelope)

    @handles(certification.EMISSION_INCONCLUSIVE)
    def on_emission_inconclusive(self, envelope: Envelope) -> None:
        """End it."""
        emissions.end_for_emission(self.wired.rooms, envelope)

    @handles(certification.EMISSION_EXPIRED)
    def on_emission_expired(self, envelope: Envelope) -> None:
        """End it."""
        emissions.end_for_emission(self.wired.rooms, envelope)

    @every(0.5)
    def look_after_rooms(self) -> None:
        """Presence, strangers, lost and abandoned rooms, unfinished closings; of several replicas one does it.

        An instance that does not answer holds up nobody but its own rooms.
        """
        rooms: Rooms = self.wired.rooms
        try:
            for name, instance in rooms.instances.items():
                _looking.begin(f"keep alive {name}", instance.sfu.keep_alive)
            if not self.wired.caretaking.held():
                return
            found = by_instance(rooms.conferences.unfinished())
        except Exception as error:  # the next look comes in a moment
            logger.warning("rooms cannot be looked after", error=f"{type(error).__name__}: {error}"[:200])
            return
        for place, conferences in found.items():
            _looking.begin(f"rooms {place}", partial(_look_after, rooms, place, conferences))

    @every(0.25)
    def watch_recordings(self) -> None:
        """Put the light on as soon as media is on disk."""
        rooms: Rooms = self.wired.rooms
        try:
            awaiting = by_instance(rooms.conferences.awaiting_media())
        except Exception as error:  # the next look comes in a moment
            logger.warning("recordings cannot be watched", error=f"{type(error).__name__}: {error}"[:200])
            return
        for name in rooms.instances:
            known = _known_bytes.setdefault(name, {})
            if known or name in awaiting:
                watch = partial(caretaking.watch_recordings, rooms, awaiting.get(name, []), known)
                _looking.begin(f"recordings {name}", watch)


def _look_after(rooms: Rooms, place: str | None, conferences: list[Conference]) -> None:
    pool = GreenPool(LOOKS_AT_ONCE)
    for conference in conferences:
        pool.spawn_n(_look_after_one, rooms, conference)
    pool.waitall()
    if place is not None and place in rooms.instances:
        placing.leave_if_draining(rooms, place, conferences)


def _look_after_one(rooms: Rooms, conference: Conference) -> None:
    try:
        caretaking.reconcile(rooms, conference)
    except Exception:
        logger.exception("a room cannot be looked after", conference_id=conference.conference_id)
