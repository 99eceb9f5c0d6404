"""How the history grows: load, decide, append; on a lost race decide anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chassis.event_store import VersionConflict
from chassis.logs import get_logger
from chassis.rpc import Call
from chassis.stored_events import Record, Stored
from chassis.tracing import current
from contracts.actor import Actor, system
from contracts.certification import SERVICE
from contracts.envelope import Envelope
from contracts.errors import NotFound, TitularError, Unavailable
from contracts.operation import EVENTS
from services.certification.application.ports import Before, Ports
from services.certification.application.projection import project
from services.certification.application.streams import recorded
from services.certification.application.views import before_change
from services.certification.model.evolve import replay
from services.certification.model.state import Decided, EmissionState, Recorded

logger = get_logger(__name__)
ATTEMPTS = 20
Decide = Callable[[EmissionState | None], Sequence[Decided]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who or what makes a change: kept with each of its events."""

    actor: Actor
    command_id: str | None
    cause: str | None
    traceparent: str | None

    def stage(self, name: str) -> Origin:
        """The origin of a later part of the same command."""
        return Origin(self.actor, f"{self.command_id}/{name}", self.cause, self.traceparent)


def of_call(call: Call) -> Origin:
    """A command of a person. Of a holder nothing is kept but the network address."""
    actor = call.actor
    if actor.role == "holder":
        actor = Actor(user_id="holder", role="holder", address=actor.address)
    return Origin(actor, call.command_id, call.command_id, call.traceparent)


def of_event(envelope: Envelope) -> Origin:
    """A fact of another service."""
    return Origin(system(SERVICE), None, envelope.id, envelope.traceparent)


def of_timer() -> Origin:
    """A deadline that has passed."""
    return Origin(system(SERVICE), None, None, current())


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state after a change, and the events of it (of the first time, where the command was repeated)."""

    state: EmissionState
    events: tuple[Recorded, ...] = field(default=())

    def event(self, name: str) -> Recorded | None:
        """The event of that name among those of the change."""
        return next((event for event in self.events if event.name == name), None)


def change(ports: Ports, emission_id: str, origin: Origin, decide: Decide, *, shown: bool = True) -> Outcome:
    """Decide on the present state and append the events; a command id that the stream knows changes nothing.

    ``shown``: whether the view is brought up to date at once. A command of several changes does so with its last one.
    """
    for _ in range(ATTEMPTS):
        stored = ports.events.read(emission_id)
        events = tuple(map(recorded, stored))
        state = replay(events)
        done = _of_command(stored, events, origin.command_id)
        if state is not None and done:
            return Outcome(state, done)
        decided = decide(state)
        if not decided:
            if state is None:
                raise NotFound("no such emission", field="emission_id")
            return Outcome(state)
        try:
            appended = ports.events.append(emission_id, len(stored), [_record(ports, origin, event) for event in decided])
        except VersionConflict:
            continue
        new = tuple(map(recorded, appended))
        after = replay(new, state)
        if after is None:
            raise NotFound("no such emission", field="emission_id")
        if shown:
            _show(ports, after, before_change(state))
        return Outcome(after, new)
    raise Unavailable("the emission is changed too often at once", emission_id=emission_id)


def _of_command(stored: Sequence[Stored], events: Sequence[Recorded], command_id: str | None) -> tuple[Recorded, ...]:
    if command_id is None:
        return ()
    return tuple(event for kept, event in zip(stored, events, strict=True) if kept.record.command_id == command_id)


def _record(ports: Ports, origin: Origin, event: Decided) -> Record:
    return Record(
        type=event.name,
        time=ports.clock(),
        actor=origin.actor.to_dict(),
        data=EVENTS[SERVICE, event.name].dump(dict(event.data)),
        command_id=origin.command_id,
        cause=origin.cause,
        traceparent=origin.traceparent,
    )


def _show(ports: Ports, state: EmissionState, before: Before) -> None:
    try:
        project(ports, state, before)
    except (TitularError, OSError) as error:  # the follower catches up
        logger.warning("view not brought up to date", emission_id=state.emission_id, error=type(error).__name__)
