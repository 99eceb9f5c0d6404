"""Events as they are stored: what they hold, and the hashes that chain them. Pure: no store, no clock."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EVENT_IDS = uuid.UUID("5f0d4a5e-6d1f-5c53-9c0f-3f4e1c1f2a77")


@dataclass(frozen=True, slots=True)
class Record:
    """An event to be stored. ``data`` must be JSON-ready."""

    type: str
    time: datetime
    actor: Mapping[str, Any]
    data: Mapping[str, Any]
    command_id: str | None = None
    cause: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored event. ``hash`` covers ``content()``, which holds ``previous_hash``."""

    stream_id: str
    version: int
    record: Record
    previous_hash: str
    hash: str

    @property
    def id(self) -> str:
        """The event's id: of stream and version, so that it never differs between two looks."""
        return str(uuid.uuid5(EVENT_IDS, f"{self.stream_id}/{self.version}"))

    def content(self) -> dict[str, Any]:
        """What the hash covers, JSON-ready."""
        return content_of(self.version, self.record, self.previous_hash)


def first_previous_hash(stream_id: str) -> str:
    """What the first event of a stream names as its previous hash: it binds the chain to its stream."""
    return hashlib.sha256(stream_id.encode()).hexdigest()


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8), hexadecimal."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_broken(stream_id: str, events: Sequence[Stored]) -> int | None:
    """The first version whose hash, or whose link to the one before, does not stand; None for an intact chain."""
    previous = first_previous_hash(stream_id)
    for version, event in enumerate(events, start=1):
        if event.version != version or event.previous_hash != previous or event.hash != content_hash(event.content()):
            return version
        previous = event.hash
    return None


def content_of(version: int, record: Record, previous_hash: str) -> dict[str, Any]:
    """What the hash of an event covers, JSON-ready."""
    return {
        "version": version,
        "type": record.type,
        "time": record.time.astimezone(UTC).isoformat(),
        "actor": dict(record.actor),
        "command_id": record.command_id,
        "cause": record.cause,
        "data": dict(record.data),
        "previous_hash": previous_hash,
    }
