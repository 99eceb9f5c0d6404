"""Between the stored stream and the model."""

from __future__ import annotations

from chassis.stored_events import Stored
from contracts.certification import SERVICE
from contracts.errors import NotFound
from contracts.operation import EVENTS
from services.certification.application.ports import Ports
from services.certification.model.evolve import replay
from services.certification.model.state import EmissionState, Recorded


def recorded(stored: Stored) -> Recorded:
    """An event as the model reads it (dates as dates)."""
    data = EVENTS[SERVICE, stored.record.type].load(stored.record.data)
    return Recorded(stored.version, stored.record.type, stored.record.time, data, stored.record.cause)


def load(ports: Ports, emission_id: str) -> EmissionState | None:
    """The present state; None where there is no such emission."""
    return replay(map(recorded, ports.events.read(emission_id)))


def present(ports: Ports, emission_id: str) -> EmissionState:
    """The present state; raises :class:`NotFound`."""
    state = load(ports, emission_id)
    if state is None:
        raise NotFound("no such emission", field="emission_id")
    return state
