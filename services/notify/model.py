"""Pure rules of a message's delivery: who may try, how often, and what each result means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from contracts.errors import Unavailable

ATTEMPTS = 4
LEASE = timedelta(seconds=60)
"""Longer than any channel's time limit: whoever has not come back by then is dead."""
State = Literal["queued", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address; the address itself is not kept.

    Whoever hands it over holds a lease (``claimed_by``, ``claimed_until``): an event that is delivered twice at the same time
    must not be two messages.
    """

    message_id: str
    emission_id: str
    purpose: str
    channel: str
    address_masked: str
    queued_at: datetime
    updated_at: datetime
    state: State = "queued"
    attempts: int = 0
    reason: str | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None


def claim(message: Message, worker: str, at: datetime) -> Message | None:
    """Take it for one attempt; None where it needs none; :class:`Unavailable` while another worker may be at it.

    A worker that does not work on it now takes what stands under its own name at once: its dead predecessor left it.
    """
    if message.state != "queued":
        return None
    if message.claimed_until and message.claimed_until > at and message.claimed_by != worker:
        raise Unavailable("another worker hands the message over now", reason="claimed")
    return replace(message, claimed_by=worker, claimed_until=at + LEASE)


def delivered(message: Message, at: datetime) -> Message:
    """The channel took it."""
    return _released(replace(message, state="delivered", attempts=message.attempts + 1, reason=None, updated_at=at))


def not_delivered(message: Message, reason: str, lasting: bool, at: datetime) -> Message:
    """The channel did not take it: failed for good where the reason lasts or the attempts are used up."""
    attempts = message.attempts + 1
    final = lasting or attempts >= ATTEMPTS
    return _released(replace(message, state="failed" if final else "queued", attempts=attempts, reason=reason, updated_at=at))


def _released(message: Message) -> Message:
    return replace(message, claimed_by=None, claimed_until=None)
