"""The uses of the authority's keys as they are shown: found by the follower, asked for by the authority's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from chassis.stored_events import Stored
from contracts.certification import AUTHORITY_STREAMS


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One recorded use of an authority's key; ``position`` orders them all."""

    position: int
    stream_id: str
    version: int
    hash: str
    time: datetime
    type: str
    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UseFilter:
    """Which uses; None: any. ``before``: the position of the last of the page before; ``since`` and ``until``: times."""

    key: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


class Uses(Protocol):
    """The uses of the authority's keys, as they are shown. They may be lost and made again from the events."""

    def save(self, use: KeyUse) -> None:
        """Keep one; each may come again."""

    def find(self, wanted: UseFilter) -> list[KeyUse]:
        """The newest first."""

    def latest_list(self, signer: str, year: int | None) -> KeyUse | None:
        """The last signing of the whole revocation list (None), or of a year's; ``signer``: SHA-256 of the key's certificate."""

    def answers_by_day(self, since: date) -> list[tuple[date, int]]:
        """How many answers about certificates (OCSP) were signed on each day (UTC) with any, the newest first."""

    def clear(self) -> None:
        """Forget all."""


def is_use(event: Stored) -> bool:
    """Whether an event is of the authority's keys, not of an emission."""
    return event.stream_id.startswith(AUTHORITY_STREAMS)


def use_of(position: int, event: Stored) -> KeyUse:
    """The use that an event records."""
    record = event.record
    return KeyUse(
        position=position,
        stream_id=event.stream_id,
        version=event.version,
        hash=event.hash,
        time=record.time,
        type=record.type,
        key=record.data["key"],
        data=dict(record.data),
    )
