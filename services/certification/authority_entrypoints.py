"""Nameko's entrypoints of what the authority's keys did: questions about it, and totals of answers each minute and at the end."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider
from nameko.timer import Timer

from chassis.logs import get_logger
from chassis.rpc import Call, answers
from contracts import certification
from contracts.errors import TitularError
from services.certification.application import authority_page
from services.certification.application.journal import record_answers
from services.certification.wiring import Built, build

logger = get_logger(__name__)
RECORD_SECONDS = 5.0
Data = dict[str, Any]


def _record_all() -> None:
    try:
        record_answers(build().ports, all_of_them=True)
    except TitularError as error:
        logger.exception("totals of signed answers are lost", code=error.code, reason=error.reason)


class RecordingTimer(Timer):  # type: ignore[misc]
    """A timer that records what is left as soon as the service is told to stop: an end that hangs is cut off."""

    def stop(self) -> None:
        """End the timer, then record."""
        super().stop()
        _record_all()


class RecordedAtEnd(DependencyProvider):  # type: ignore[misc]
    """Records what the last workers have signed, after they have ended."""

    def stop(self) -> None:
        """See Nameko."""
        _record_all()


class AuthorityEntrypoints:
    """Part of the service."""

    built: Built
    recorded_at_end = RecordedAtEnd()

    @answers(certification.GET_AUTHORITY_STATE)
    def get_authority_state(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return authority_page.get_authority_state(self.built.ports, call, data)

    @answers(certification.LIST_KEY_USES)
    def list_key_uses(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return authority_page.list_key_uses(self.built.ports, call, data)

    @answers(certification.FIND_CERTIFICATE)
    def find_certificate(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return authority_page.find_certificate(self.built.ports, call, data)

    @RecordingTimer.decorator(interval=RECORD_SECONDS)  # type: ignore[untyped-decorator]
    def record_answers(self) -> None:
        """Record the totals of the minutes that are over; what fails is tried again at the next tick."""
        try:
            record_answers(self.built.ports)
        except TitularError as error:
            logger.warning("totals of signed answers wait", code=error.code)
