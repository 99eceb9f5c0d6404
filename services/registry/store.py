"""People as documents: one per CPF, with all registrations, versions and waiting events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from chassis.clock import Clock, NewId
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.actor import Actor
from contracts.envelope import Envelope
from contracts.operation import EVENTS
from contracts.registry import SERVICE
from services.registry.application import DecidePerson
from services.registry.model import Block, Fact, Office, Person, Registration, Version


class DocumentPeople:
    """The store on MongoDB's wire. See :class:`services.registry.application.People`."""

    def __init__(self, documents: DocumentStore, now: Clock, new_id: NewId) -> None:
        self._documents = documents
        self._now = now
        self._new_id = new_id

    def prepare(self) -> None:
        """Make the indexes."""
        self._documents.prepare(["registration_ids"])

    def get(self, person_id: str) -> Person | None:
        """See :class:`People`."""
        state = self._documents.get(person_id)
        return _person(state) if state else None

    def by_registration(self, registration_id: str) -> Person | None:
        """See :class:`People`."""
        found = self._documents.find({"registration_ids": registration_id}, limit=1)
        return _person(found[0]) if found else None

    def change(self, person_id: str, decide: DecidePerson, command_id: str, actor: Actor) -> Any:
        """See :class:`People`."""
        return self._documents.change(person_id, self._decider(decide, command_id, actor), command_id)

    def _decider(self, decide: DecidePerson, command_id: str, actor: Actor) -> Callable[[dict[str, Any] | None], Change]:
        def on_state(state: dict[str, Any] | None) -> Change:
            person, fact, reply = decide(_person(state) if state else None)
            events = [self._envelope(person, fact, command_id, actor)] if fact else []
            return Change(_state(person), events, reply)

        return on_state

    def _envelope(self, person: Person, fact: Fact, command_id: str, actor: Actor) -> Envelope:
        kind = EVENTS[SERVICE, fact.name]
        return envelope(
            kind,
            person.person_id,
            fact.data,
            event_id=self._new_id(),
            time=self._now(),
            cause=command_id,
            actor={"user_id": actor.user_id, "role": actor.role, "office_id": actor.office_id},
        )


def _state(person: Person) -> dict[str, Any]:
    state = asdict(person)
    state["registration_ids"] = [registration.registration_id for registration in person.registrations]
    return state


def _person(state: dict[str, Any]) -> Person:
    return Person(
        person_id=state["person_id"],
        cpf=state["cpf"],
        registrations=tuple(_registration(raw) for raw in state["registrations"]),
        block=Block(**state["block"]) if state["block"] else None,
    )


def _registration(raw: dict[str, Any]) -> Registration:
    versions = tuple(
        Version(**{**version, "attachment_ids": tuple(version["attachment_ids"]), "changed": tuple(version["changed"])})
        for version in raw["versions"]
    )
    return Registration(raw["registration_id"], Office(**raw["office"]), raw["salt"], versions, tuple(raw["attachments"]))
