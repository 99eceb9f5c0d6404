"""Pure rules of a message's delivery: how often to try, and what each result means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

ATTEMPTS = 4
State = Literal["queued", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address; the address itself is not kept."""

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


def delivered(message: Message, at: datetime) -> Message:
    """The channel took it."""
    return replace(message, state="delivered", attempts=message.attempts + 1, reason=None, updated_at=at)


def not_delivered(message: Message, reason: str, lasting: bool, at: datetime) -> Message:
    """The channel did not take it: failed for good where the reason lasts or the attempts are used up."""
    attempts = message.attempts + 1
    final = lasting or attempts >= ATTEMPTS
    return replace(message, state="failed" if final else "queued", attempts=attempts, reason=reason, updated_at=at)
