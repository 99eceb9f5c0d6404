"""A person's newer certificate takes the place of the older: followed from the events, so that no crash keeps it from happening.

The history of the newer one is told first what it replaces, then the older one is revoked: after a crash between the two the
older one is still valid, and is found again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.logs import get_logger
from contracts.errors import InternalFault
from services.certification.application.history import change, of_timer
from services.certification.application.ports import Ports
from services.certification.application.streams import load
from services.certification.model.replacing import decide_note_replacement, decide_supersede

logger = get_logger(__name__)
BATCH = 500
FOLLOWER = "superseding"
RELEASED = "EmissionCompleted"


def supersede_replaced(ports: Ports) -> int:
    """Look at what was released since the last look; returns how many older certificates were revoked.

    Never looks beyond what the views show, for they tell which certificates a person has.
    """
    revoked = 0
    while True:
        shown = ports.views.position()
        after = ports.views.position(FOLLOWER)
        batch = [(position, event) for position, event in ports.events.notifications(after, BATCH) if position <= shown]
        if not batch:
            return revoked
        for emission_id in dict.fromkeys(event.stream_id for _, event in batch if event.record.type == RELEASED):
            revoked += _supersede_older(ports, emission_id)
        ports.views.save_position(batch[-1][0], FOLLOWER)


def _supersede_older(ports: Ports, emission_id: str) -> int:
    try:
        state = load(ports, emission_id)
        if state is None:
            return 0
        valid = sorted(ports.views.valid_of(state.person_id), key=_released)
        return sum(_supersede(ports, older, valid[-1]) for older in valid[:-1])
    except InternalFault as error:  # an altered history must not keep the others from going on
        logger.exception("older certificates not looked at", emission_id=emission_id, reason=error.reason)
        return 0


def _supersede(ports: Ports, older: Mapping[str, Any], newer: Mapping[str, Any]) -> bool:
    old, new = older["certificate"]["serial"], newer["certificate"]["serial"]
    noted = change(ports, newer["emission_id"], of_timer(), lambda state: decide_note_replacement(state, new, replaces=old))
    if noted.state.state != "completed":  # the newer one was revoked meanwhile: the older one stays
        return False
    outcome = change(ports, older["emission_id"], of_timer(), lambda state: decide_supersede(state, old, by=new))
    return bool(outcome.events)


def _released(emission: Mapping[str, Any]) -> tuple[Any, str]:
    certificate = emission["certificate"]
    return certificate.get("released_at") or certificate["not_before"], emission["emission_id"]  # an older view has no release
