"""The envelope of every event: CloudEvents 1.0, JSON format, structured mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.errors import InvalidInput
from contracts.operation import EVENTS, EventType

PREFIX = "/titular/"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event as it travels. ``subject`` is the changed thing's id; ``cause`` the id of the event or command before it."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]
    version: int = 1
    traceparent: str | None = None
    emission_id: str | None = None
    cause: str | None = None
    actor: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The CloudEvents JSON object; extension attributes are lower-case letters only (CloudEvents 1.0, section 3.1)."""
        body: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": PREFIX + self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": f"urn:titular:{self.source}:{self.type}:{self.version}",
            "data": self.data,
        }
        optional = {
            "traceparent": self.traceparent,
            "emissionid": self.emission_id,
            "cause": self.cause,
            "actor": self.actor,
        }
        body.update({key: value for key, value in optional.items() if value is not None})
        return body

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Envelope:
        """Read an envelope; raises :class:`InvalidInput` naming the first attribute that is missing or wrong."""
        if not isinstance(body, Mapping):
            raise InvalidInput("not an event: no JSON object", field="body", reason="invalid")
        for key in ("specversion", "id", "source", "type", "subject", "time", "data"):
            if key not in body:
                raise InvalidInput(f"event without {key}", field=key, reason="missing")
        if body["specversion"] != "1.0":
            raise InvalidInput("unknown CloudEvents version", field="specversion", reason="unknown")
        if not isinstance(body["data"], Mapping):
            raise InvalidInput("an event's data is no JSON object", field="data", reason="invalid")
        return cls(
            id=str(body["id"]),
            source=str(body["source"]).removeprefix(PREFIX),
            type=str(body["type"]),
            subject=str(body["subject"]),
            time=_time(body["time"]),
            data=dict(body["data"]),
            version=_version(body.get("dataschema")),
            traceparent=body.get("traceparent"),
            emission_id=body.get("emissionid"),
            cause=body.get("cause"),
            actor=body.get("actor"),
        )


def _time(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput("an event's time is no moment", field="time", reason="invalid") from error
    if found.tzinfo is None:
        raise InvalidInput("an event's time names no zone", field="time", reason="invalid")
    return found


def _version(dataschema: Any) -> int:
    """Of ``urn:titular:<source>:<type>:<version>``; the first where no schema is named."""
    last = str(dataschema or ":1").rsplit(":", 1)[-1]
    if not last.isascii() or not last.isdigit():
        raise InvalidInput("an event's schema names no version", field="dataschema", reason="invalid")
    return int(last)


def event_type(envelope: Envelope) -> EventType | None:
    """The declared type of an envelope, or None for one that this version does not know."""
    return EVENTS.get((envelope.source, envelope.type))
