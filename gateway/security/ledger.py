"""The record of sign-ins and refusals: events that wait in a document of their own until the relay has published them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from chassis.clock import Clock, NewId, new_id, now
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.actor import Actor
from contracts.envelope import Envelope
from contracts.operation import EventType


class Ledger(Protocol):
    """Keeps what the gateway itself has to tell."""

    def record(self, event: EventType, data: Mapping[str, Any], actor: Actor | None = None) -> None:
        """Store one event; it is published afterwards."""


class DocumentLedger:
    """One document for each event: nothing is ever changed, so nothing can be lost to a race."""

    def __init__(self, store: DocumentStore, clock: Clock = now, identify: NewId = new_id) -> None:
        self._store = store
        self._clock = clock
        self._identify = identify

    def record(self, event: EventType, data: Mapping[str, Any], actor: Actor | None = None) -> None:
        """See :class:`Ledger`."""
        said = envelope_of(event, data, actor, self._identify(), self._clock())
        self._store.change(said.id, _insert(said))


def envelope_of(event: EventType, data: Mapping[str, Any], actor: Actor | None, event_id: str, time: datetime) -> Envelope:
    """The event as it travels; the actor's name stays behind."""
    return envelope(
        event,
        actor.user_id if actor else "nobody",
        data,
        event_id=event_id,
        time=time,
        actor=_nameless(actor) if actor else None,
    )


def _nameless(actor: Actor) -> dict[str, Any]:
    return {key: value for key, value in actor.to_dict().items() if key not in {"name", "office_name"}}


def _insert(said: Envelope) -> Callable[[dict[str, Any] | None], Change]:
    return lambda _: Change({"type": said.type, "at": said.time}, [said])
