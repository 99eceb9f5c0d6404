"""A dead letter: one event that could not be handled, exactly as it lies in the broker."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ATTEMPT_HEADER = "x-attempt"
ERROR_HEADER = "x-error"
FAILED_AT_HEADER = "x-failed-at"
OF_THE_BROKER = ("x-death", "x-first-death", "x-last-death", "x-delivery-count", "x-acquired-count")
NAMEABLE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. ``queue`` is its consumer's queue; ``body`` the bytes as published, which need not be an event at all."""

    queue: str
    body: bytes
    headers: Mapping[str, Any]
    content_type: str | None = None

    @property
    def sha256(self) -> str:
        """The body's hash, hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def envelope(self) -> dict[str, Any] | None:
        """The JSON object of the body; None where the body is something else."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def id(self) -> str:
        """The event's id; a body without one that can stand in an address is named by its hash."""
        found = self._text("id") or ""
        return found if NAMEABLE.match(found) else f"sha256-{self.sha256[:32]}"

    @property
    def type(self) -> str | None:
        """The event's type."""
        return self._text("type")

    @property
    def time(self) -> str | None:
        """When the event happened (ISO 8601); None where it does not say so intelligibly."""
        return _moment(self._text("time"))

    @property
    def emission_id(self) -> str | None:
        """The emission that the event is about."""
        return self._text("emissionid")

    @property
    def trace_id(self) -> str | None:
        """By which the logs of all services find it (W3C Trace Context)."""
        parts = (self._text("traceparent") or "").split("-")
        return parts[1] if len(parts) == 4 else None

    @property
    def failed_at(self) -> str | None:
        """When its last attempt failed (ISO 8601)."""
        noted = _moment(str(self.headers.get(FAILED_AT_HEADER, "")))
        if noted:
            return noted
        died = self._death().get("time")
        return died.astimezone().isoformat() if isinstance(died, datetime) else None

    @property
    def attempts(self) -> int:
        """How often its consumer tried."""
        return attempts_of(self.headers)

    @property
    def error(self) -> str:
        """Why it lies dead."""
        noted = self.headers.get(ERROR_HEADER)
        if noted:
            return str(noted)
        reason = self._death().get("reason")
        if reason == "delivery_limit":
            return "delivery_limit: the consumer ended or lost its connection each time before it answered"
        return str(reason or "unknown")

    @property
    def encoding(self) -> str:
        """How :attr:`text` stands for the body: ``utf-8``, or ``base64`` where it is no text."""
        return "utf-8" if _as_text(self.body) is not None else "base64"

    @property
    def text(self) -> str:
        """The whole body, reversibly."""
        text = _as_text(self.body)
        return text if text is not None else base64.b64encode(self.body).decode()

    @classmethod
    def of_record(cls, data: Mapping[str, Any]) -> Letter:
        """The letter that a ``DeadLetterDiscarded`` event keeps, byte for byte."""
        body = data["body"].encode() if data["body_encoding"] == "utf-8" else base64.b64decode(data["body"])
        return cls(data["queue"], body, {ATTEMPT_HEADER: data["attempts"], ERROR_HEADER: data["error"]}, data.get("content_type"))

    @property
    def readable(self) -> str:
        """The body for people: an event indented, other text as it is, anything else as hexadecimal with its characters."""
        if self.envelope is not None:
            return json.dumps(self.envelope, ensure_ascii=False, indent=2)
        return self.text if self.encoding == "utf-8" else hex_dump(self.body)

    def _text(self, key: str) -> str | None:
        value = (self.envelope or {}).get(key)
        return value if isinstance(value, str) and value else None

    def _death(self) -> Mapping[str, Any]:
        deaths = self.headers.get("x-death")
        return deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict) else {}


def attempts_of(headers: Mapping[str, Any] | None) -> int:
    """How many attempts the headers count; what is no number counts nothing."""
    noted = (headers or {}).get(ATTEMPT_HEADER)
    return noted if isinstance(noted, int) else 0


def fresh_headers(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was published with the event, without what its failures have added."""
    own = {ATTEMPT_HEADER, ERROR_HEADER, FAILED_AT_HEADER}
    return {key: value for key, value in (headers or {}).items() if key not in own and not key.startswith(OF_THE_BROKER)}


def kept_headers(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    """All of them, without the broker's own count of deliveries."""
    counts = ("x-delivery-count", "x-acquired-count")
    return {key: value for key, value in (headers or {}).items() if key not in counts}


def hex_dump(body: bytes, width: int = 16) -> str:
    """Offset, bytes and printable characters, a line for each ``width`` bytes."""
    lines = []
    for start in range(0, len(body), width):
        part = body[start : start + width]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{start:08x}  {part.hex(' '):<{width * 3}} {shown}")
    return "\n".join(lines)


def _as_text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if all(character.isprintable() or character in "\r\n\t" for character in text) else None


def _moment(value: str | None) -> str | None:
    try:
        return datetime.fromisoformat(value).isoformat() if value else None
    except ValueError:
        return None
