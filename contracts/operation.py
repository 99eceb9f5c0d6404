"""Operations: what one service can be asked by RPC, and the shape of question and answer."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from marshmallow import EXCLUDE, RAISE, Schema


class Request(Schema):
    """Questions are strict: an unknown key is the caller's mistake and is named."""

    class Meta:
        unknown = RAISE


class Shape(Schema):
    """Replies, events and nested parts are tolerant: newer senders may add keys (rolling updates)."""

    class Meta:
        unknown = EXCLUDE


@functools.cache
def shape_of(schema: type[Schema]) -> Schema:
    """The one instance of a schema: to use it changes nothing in it, and to make one costs more than to use it."""
    return schema()


@dataclass(frozen=True, slots=True)
class Operation:
    """One question that a service answers; commands carry a command id and may be repeated safely."""

    service: str
    name: str
    kind: Literal["command", "query"]
    request: type[Schema]
    reply: type[Schema]
    roles: frozenset[str] = field(default_factory=frozenset)


OPERATIONS: dict[tuple[str, str], Operation] = {}
"""Every operation by (service, name)."""


def command(service: str, name: str, request: type[Schema], reply: type[Schema], roles: str) -> Operation:
    """Declare an operation that changes state. ``roles`` lists, by spaces, the roles that may call it."""
    return _declare(Operation(service, name, "command", request, reply, frozenset(roles.split())))


def query(service: str, name: str, request: type[Schema], reply: type[Schema], roles: str) -> Operation:
    """Declare an operation that only reads. ``roles`` lists, by spaces, the roles that may call it."""
    return _declare(Operation(service, name, "query", request, reply, frozenset(roles.split())))


def _declare(operation: Operation) -> Operation:
    OPERATIONS[operation.service, operation.name] = operation
    return operation


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event: who publishes it, under which name and version, with which data."""

    source: str
    name: str
    version: int
    schema: type[Schema]

    @property
    def dataschema(self) -> str:
        """CloudEvents ``dataschema``: a name for the shape, not an address."""
        return f"urn:titular:{self.source}:{self.name}:{self.version}"

    def dump(self, data: dict[str, Any]) -> dict[str, Any]:
        """Check and serialise the data of an event."""
        dumped: dict[str, Any] = shape_of(self.schema).dump(data)
        self.load(dumped)
        return dumped

    def load(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an event as Python's values (dates as dates); raises marshmallow's ``ValidationError``."""
        loaded: dict[str, Any] = shape_of(self.schema).load(data)
        return loaded


EVENTS: dict[tuple[str, str], EventType] = {}
"""Every event type by (source, name)."""


def event(source: str, name: str, schema: type[Schema], version: int = 1) -> EventType:
    """Declare an event type."""
    declared = EventType(source, name, version, schema)
    EVENTS[source, name] = declared
    return declared
