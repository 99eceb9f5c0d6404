"""Time and identity as ports, so that decisions stay pure and tests can choose both."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, with a time zone (UTC)."""

NewId = Callable[[], str]
"""Returns an id that was never returned before."""


def now() -> datetime:
    """The present moment in UTC, to the millisecond (what every store of ours keeps)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def new_id() -> str:
    """A random id (UUID version 4, RFC 9562)."""
    return str(uuid.uuid4())
