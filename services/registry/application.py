"""What the registry can be asked: one function per operation."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from chassis.clock import Clock, NewId
from chassis.objects import ObjectStore
from contracts.actor import Actor
from contracts.errors import Forbidden, InvalidInput, NotFound
from contracts.registry import ATTACHMENT_LIMIT_BYTES, ATTACHMENT_TYPES, RegistrationData
from services.registry import model
from services.registry.model import Fact, Office, Person, Registration

INCOMING = "incoming"
ATTACHMENTS = "attachments"
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}

DecidePerson = Callable[[Person | None], tuple[Person, Fact | None, Any]]
"""From the stored person (None: not there) to the changed one, what happened, and the reply."""


class People(Protocol):
    """The registry's own store."""

    def get(self, person_id: str) -> Person | None:
        """By id."""

    def by_registration(self, registration_id: str) -> Person | None:
        """The person that a registration belongs to."""

    def change(self, person_id: str, decide: DecidePerson, command_id: str, actor: Actor) -> Any:
        """Store a decision, its event and its reply at once; a known command id answers as before."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The ports that the operations need; ``secret`` makes person ids unguessable from the CPF."""

    people: People
    objects: ObjectStore
    now: Clock
    new_id: NewId
    secret: bytes

    def person_id(self, cpf: str) -> str:
        """The id of whoever has this CPF: the same each time, of no use to one who does not know the secret."""
        digest = hmac.new(self.secret, b"person:" + cpf.encode(), hashlib.sha256).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def salt(self, registration_id: str) -> str:
        """The salt of a registration's hashes: the personal values behind a hash cannot be guessed by trying."""
        return hmac.new(self.secret, b"salt:" + registration_id.encode(), hashlib.sha256).hexdigest()


def find_person(registry: Registry, cpf: str) -> dict[str, Any]:
    """Who has this CPF, with one line per registration, newest first."""
    digits = model.valid_cpf(cpf)
    person = registry.people.get(registry.person_id(digits))
    return _person_reply(digits, person)


def _person_reply(cpf: str, person: Person | None) -> dict[str, Any]:
    registrations = sorted(person.registrations if person else (), key=lambda one: one.versions[0].at, reverse=True)
    return {
        "cpf": cpf,
        "person_id": person.person_id if person and person.registrations else None,
        "block": person.block if person else None,
        "registrations": [
            {
                "registration_id": registration.registration_id,
                "office_id": registration.office.office_id,
                "office_name": registration.office.name,
                "name": registration.current.data["name"],
                "version": registration.current.number,
                "registered_at": registration.versions[0].at,
                "updated_at": registration.current.at,
            }
            for registration in registrations
        ],
    }


def get_registration(registry: Registry, registration_id: str, version: int | None = None) -> dict[str, Any]:
    """One version of a registration, whole."""
    person = _person_of(registry, registration_id)
    registration = person.registration(registration_id)
    wanted = registration.version(version)
    attachments = registration.attachments_of(wanted)
    return {
        "person_id": person.person_id,
        "registration_id": registration_id,
        "cpf": person.cpf,
        "office_id": registration.office.office_id,
        "office_name": registration.office.name,
        "version": wanted.number,
        "current_version": registration.current.number,
        "sha256": wanted.sha256,
        "data": RegistrationData(unknown="exclude").load(dict(wanted.data)),
        "attachments": attachments,
        "block": person.block,
        "missing_for_remote": model.missing_for_remote(wanted, attachments),
        "registered_at": registration.versions[0].at,
        "updated_at": wanted.at,
    }


def get_attachment(registry: Registry, registration_id: str, attachment_id: str) -> Mapping[str, Any]:
    """Where an attachment's bytes lie."""
    registration = _person_of(registry, registration_id).registration(registration_id)
    for attachment in registration.attachments:
        if attachment["attachment_id"] == attachment_id:
            return attachment
    raise NotFound("no such attachment", attachment_id=attachment_id)


def _person_of(registry: Registry, registration_id: str) -> Person:
    person = registry.people.by_registration(registration_id)
    if person is None:
        raise NotFound("no such registration", registration_id=registration_id)
    return person


def _office(actor: Actor) -> Office:
    if not actor.office_id:
        raise Forbidden("no office", reason="office")
    return Office(actor.office_id, actor.office_name)


def register_person(registry: Registry, actor: Actor, command_id: str, cpf: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Register a person for the actor's office; ``data`` is loaded :class:`RegistrationData`."""
    digits, office = model.valid_cpf(cpf), _office(actor)
    person_id = registry.person_id(digits)
    registration_id = str(uuid.uuid5(uuid.UUID(person_id), office.office_id))
    stored = _storable(data)

    def decide(person: Person | None) -> tuple[Person, Fact | None, Any]:
        empty = Registration(registration_id, office, registry.salt(registration_id), ())
        changed, fact = model.register(person or Person(person_id, digits), empty, stored, actor.user_id, registry.now())
        return changed, fact, _reference(changed, registration_id)

    reply: dict[str, Any] = registry.people.change(person_id, decide, command_id, actor)
    return reply


def update_registration(
    registry: Registry, actor: Actor, command_id: str, registration_id: str, expected: int, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Edit the own office's registration; ``expected`` is the version that was edited."""
    person_id = _person_of(registry, registration_id).person_id
    office, stored = _office(actor), _storable(data)

    def decide(person: Person | None) -> tuple[Person, Fact | None, Any]:
        if person is None:
            raise NotFound("no such person")
        changed, fact = model.update(person, registration_id, office.office_id, expected, stored, actor.user_id, registry.now())
        return changed, fact, _reference(changed, registration_id)

    reply: dict[str, Any] = registry.people.change(person_id, decide, command_id, actor)
    return reply


def add_attachment(
    registry: Registry, actor: Actor, command_id: str, registration_id: str, kind: str, filename: str, incoming_key: str
) -> dict[str, Any]:
    """Take bytes from the incoming bucket, check what they are, keep them, and make a new version that names them."""
    person_id = _person_of(registry, registration_id).person_id
    office = _office(actor)
    attachment_id = str(uuid.uuid5(uuid.UUID(person_id), command_id))
    attachment: dict[str, Any] = {}

    def decide(person: Person | None) -> tuple[Person, Fact | None, Any]:
        if person is None:
            raise NotFound("no such person")
        if not attachment:
            attachment.update(_keep(registry, f"{registration_id}/{attachment_id}", incoming_key))
            attachment.update(attachment_id=attachment_id, kind=kind, filename=filename, added_at=registry.now())
        changed, fact = model.attach(person, registration_id, office.office_id, dict(attachment), actor.user_id, registry.now())
        version = changed.registration(registration_id).current.number
        return changed, fact, {"attachment": dict(attachment), "version": version}

    reply: dict[str, Any] = registry.people.change(person_id, decide, command_id, actor)
    registry.objects.remove(INCOMING, incoming_key)
    return reply


def remove_forgotten_uploads(registry: Registry, kept: timedelta) -> int:
    """Remove what was uploaded and never taken, or came back after a crash of the object store; returns how many."""
    forgotten = registry.objects.stored_before(INCOMING, registry.now() - kept)
    for key in forgotten:
        registry.objects.remove(INCOMING, key)
    return len(forgotten)


def _keep(registry: Registry, key: str, incoming_key: str) -> dict[str, Any]:
    content = bytearray()
    try:
        for piece in registry.objects.stream(INCOMING, incoming_key):
            content += piece
            if len(content) > ATTACHMENT_LIMIT_BYTES:
                raise InvalidInput("larger than 10 MB", field="file", reason="too_large")
    except NotFound as error:
        raise InvalidInput("the file did not arrive", field="file", reason="missing") from error
    if not content:
        raise InvalidInput("the file is empty", field="file", reason="empty")
    content_type = next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), None)
    if content_type not in ATTACHMENT_TYPES:
        raise InvalidInput("neither JPEG, PNG nor PDF", field="file", reason="unknown_type")
    return registry.objects.put(ATTACHMENTS, key, bytes(content), content_type)


def block_person(registry: Registry, actor: Actor, command_id: str, cpf: str, reason: str, note: str | None) -> dict[str, Any]:
    """Block a CPF (fraud, court order, death)."""

    def decide(person: Person) -> tuple[Person, Fact]:
        return model.block(person, reason, note, registry.now())

    return _change_block(registry, actor, command_id, cpf, decide)


def unblock_person(registry: Registry, actor: Actor, command_id: str, cpf: str) -> dict[str, Any]:
    """Lift the block of a CPF; the note is in the command's audit line."""
    return _change_block(registry, actor, command_id, cpf, model.unblock)


def _change_block(
    registry: Registry, actor: Actor, command_id: str, cpf: str, decide_block: Callable[[Person], tuple[Person, Fact]]
) -> dict[str, Any]:
    digits = model.valid_cpf(cpf)

    def decide(person: Person | None) -> tuple[Person, Fact | None, Any]:
        if person is None:
            raise NotFound("this CPF is not registered", field="cpf")
        changed, fact = decide_block(person)
        return changed, fact, {}

    registry.people.change(registry.person_id(digits), decide, command_id, actor)
    return find_person(registry, digits)


def _reference(person: Person, registration_id: str) -> dict[str, Any]:
    version = person.registration(registration_id).current.number
    return {"person_id": person.person_id, "registration_id": registration_id, "version": version}


def _storable(data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-ready and tidy: no empty values, so that equal data always have the same hash."""
    dumped: dict[str, Any] = RegistrationData().dump(data)
    return {key: tidy for key, value in dumped.items() if (tidy := _tidy(value)) is not None}


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if isinstance(value, dict):
        return {key: tidy for key, inner in value.items() if (tidy := _tidy(inner)) is not None} or None
    return value
