"""The record of acts that belong to no emission: events kept for good, published by the relay of whoever serves the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from chassis.clock import Clock, NewId, new_id, now
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.actor import Actor
from contracts.envelope import Envelope
from contracts.operation import EventType

COLLECTION = "ledger"


class Ledger(Protocol):
    """Keeps what the gateway itself has to tell."""

    def record(
        self,
        event: EventType,
        data: Mapping[str, Any],
        actor: Actor | None = None,
        subject: str | None = None,
        emission_id: str | None = None,
    ) -> None:
        """Store one event; it is published afterwards. ``subject`` is the actor where none is named."""

    def latest(self, types: Sequence[str], limit: int) -> list[Envelope]:
        """What was recorded of these types, newest first."""

    def of_emission(self, emission_id: str, types: Sequence[str], limit: int) -> list[Envelope]:
        """What was recorded of these types about one emission, newest first."""


class DocumentLedger:
    """One document for each event: nothing is ever changed, so nothing can be lost to a race."""

    def __init__(self, store: DocumentStore, clock: Clock = now, identify: NewId = new_id) -> None:
        self._store = store
        self._clock = clock
        self._identify = identify

    def prepare(self) -> None:
        """Make the indexes."""
        self._store.prepare([[("type", 1), ("at", -1)], [("said.emissionid", 1), ("at", -1)]])

    def record(
        self,
        event: EventType,
        data: Mapping[str, Any],
        actor: Actor | None = None,
        subject: str | None = None,
        emission_id: str | None = None,
    ) -> None:
        """See :class:`Ledger`."""
        about = subject or (actor.user_id if actor else "nobody")
        said = envelope_of(event, data, actor, about, emission_id, self._identify(), self._clock())
        self._store.change(said.id, _insert(said))

    def latest(self, types: Sequence[str], limit: int) -> list[Envelope]:
        """See :class:`Ledger`."""
        found = self._store.find({"type": {"$in": list(types)}, "said": {"$exists": True}}, [("at", -1)], limit)
        return [Envelope.from_dict(state["said"]) for state in found]

    def of_emission(self, emission_id: str, types: Sequence[str], limit: int) -> list[Envelope]:
        """See :class:`Ledger`."""
        wanted = {"said.emissionid": emission_id, "type": {"$in": list(types)}}
        found = self._store.find(wanted, [("at", -1)], limit)
        return [Envelope.from_dict(state["said"]) for state in found]


def envelope_of(
    event: EventType,
    data: Mapping[str, Any],
    actor: Actor | None,
    subject: str,
    emission_id: str | None,
    event_id: str,
    time: datetime,
) -> Envelope:
    """The event as it travels; the actor's name stays behind."""
    named = _nameless(actor) if actor else None
    return envelope(event, subject, data, event_id=event_id, time=time, emission_id=emission_id, actor=named)


def _nameless(actor: Actor) -> dict[str, Any]:
    return {key: value for key, value in actor.to_dict().items() if key not in {"name", "office_name"}}


def _insert(said: Envelope) -> Callable[[dict[str, Any] | None], Change]:
    return lambda _: Change({"type": said.type, "at": said.time, "said": said.to_dict()}, [said])
