"""An event of ours as it is stored and travels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis import tracing
from contracts.envelope import Envelope
from contracts.operation import EventType


def envelope(
    kind: EventType,
    subject: str,
    data: Mapping[str, Any],
    *,
    event_id: str,
    time: datetime,
    emission_id: str | None = None,
    cause: str | None = None,
    actor: Mapping[str, Any] | None = None,
) -> Envelope:
    """Check the data against the contract and wrap them; the present trace goes with them."""
    return Envelope(
        id=event_id,
        source=kind.source,
        type=kind.name,
        subject=subject,
        time=time,
        data=kind.dump(dict(data)),
        version=kind.version,
        traceparent=tracing.current(),
        emission_id=emission_id,
        cause=cause,
        actor=dict(actor) if actor else None,
    )
