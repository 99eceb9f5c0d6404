"""Before a certificate ends its holder is told, twice: so that a new one can be issued in time. Never after the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.certification.model.state import Certificate, Decided, EmissionState
from services.certification.model.steps import happened

Decision = tuple[Decided, ...]
NOTICE_DAYS = (30, 7)
"""How long before the end, in days."""


@dataclass(frozen=True, slots=True)
class NoticeMessage:
    """Where a notice is to be sent."""

    notice_id: str
    channel: str
    address_masked: str


def notice_at(state: EmissionState) -> datetime | None:
    """From when on the next notice is due; None where none is to come."""
    certificate = _in_force(state)
    left = _not_given(state)
    return certificate.not_after - timedelta(days=max(left)) if certificate and left else None


def notice_due(state: EmissionState, now: datetime) -> int | None:
    """The notice that is due, in days before the end: of several that were missed only the latest. None where none is."""
    certificate = _in_force(state)
    if certificate is None or now >= certificate.not_after:
        return None
    passed = [days for days in _not_given(state) if certificate.not_after - timedelta(days=days) <= now]
    return min(passed, default=None)


def decide_notice(state: EmissionState | None, days: int, message: NoticeMessage, now: datetime) -> Decision:
    """Have a notice sent, once; nothing where it is not due any more."""
    if state is None or state.certificate is None or notice_due(state, now) != days:
        return ()
    certificate = state.certificate
    requested = happened(
        state,
        "RenewalNoticeRequested",
        notice_id=message.notice_id,
        serial=certificate.serial,
        days=days,
        channel=message.channel,
        address_masked=message.address_masked,
        not_after=certificate.not_after,
    )
    return (requested,)


def decide_omit_notice(state: EmissionState | None, days: int, reason: str, now: datetime) -> Decision:
    """Record that nobody can be told, once."""
    if state is None or state.certificate is None or notice_due(state, now) != days:
        return ()
    return (happened(state, "RenewalNoticeOmitted", serial=state.certificate.serial, days=days, reason=reason),)


def _in_force(state: EmissionState) -> Certificate | None:
    return state.certificate if state.state == "completed" and state.certificate is not None else None


def _not_given(state: EmissionState) -> list[int]:
    """After one notice only the later ones: nobody is told of thirty days when seven are left."""
    given = [notice.days for notice in state.notices]
    return [days for days in NOTICE_DAYS if not given or days < min(given)]
