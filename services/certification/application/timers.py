"""What happens by itself: deadlines that pass. Found by the read model, decided on the history."""

from __future__ import annotations

from chassis.logs import get_logger
from contracts.errors import TitularError
from services.certification.application.history import change, of_timer
from services.certification.application.ports import Ports
from services.certification.model.clerk import decide_expire

logger = get_logger(__name__)
BATCH = 100


def expire_overdue(ports: Ports) -> int:
    """End what is overdue, revoking withheld certificates; returns how many ended. One that fails waits for the next run."""
    now = ports.clock()
    ended = 0
    for emission_id in ports.views.overdue(now, BATCH):
        try:
            outcome = change(ports, emission_id, of_timer(), lambda state: decide_expire(state, now=now))
        except TitularError as error:
            logger.warning("overdue emission waits", emission_id=emission_id, code=error.code)
            continue
        ended += bool(outcome.events)
    return ended
