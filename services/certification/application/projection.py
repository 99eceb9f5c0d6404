"""The read model follows the events: at once after each change, and by a follower that misses nothing."""

from __future__ import annotations

from chassis.logs import get_logger
from contracts.errors import InternalFault
from services.certification.application.ports import Before, Ports
from services.certification.application.streams import load
from services.certification.application.uses import is_use, use_of
from services.certification.application.views import view_of
from services.certification.model.state import EmissionState

logger = get_logger(__name__)
BATCH = 500


def project(ports: Ports, state: EmissionState, before: Before | None = None) -> None:
    """Bring one emission's view up to date."""
    ports.views.save(view_of(state, ports.clock(), before))
    if not state.open:
        ports.views.release(state.person_id, state.office_id, state.emission_id)


def follow(ports: Ports) -> int:
    """Bring the views up to the last event; returns how many events were new."""
    followed = 0
    while True:
        after = ports.views.position()
        batch = ports.events.notifications(after, BATCH)
        if not batch:
            return followed
        for emission_id in dict.fromkeys(event.stream_id for _, event in batch if not is_use(event)):
            _catch_up(ports, emission_id)
        for position, event in batch:
            if is_use(event):
                ports.uses.save(use_of(position, event))
        ports.views.save_position(batch[-1][0])
        followed += len(batch)


def rebuild(ports: Ports) -> int:
    """Make all views anew from the events; returns how many events there were."""
    ports.views.clear()
    ports.uses.clear()
    return follow(ports)


def _catch_up(ports: Ports, emission_id: str) -> None:
    try:
        state = load(ports, emission_id)
    except InternalFault as error:  # an altered history must not keep the others from being shown
        logger.exception("history not shown", emission_id=emission_id, reason=error.reason)
        return
    if state is None:
        return
    project(ports, state)
    if state.open:  # a lost read model has lost its reservations, too
        ports.views.reserve(state.person_id, state.office_id, emission_id, state.started_at)
