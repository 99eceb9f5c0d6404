"""Who was shown whose data: told by the gateway, kept for the person to see."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contracts.actor import Actor
from contracts.errors import InvalidInput, NotFound
from contracts.registry import LOOK_SECONDS
from services.registry.application import Registry

LOOK_IDS = uuid.UUID("3d0b6f2c-2f5e-5d4e-9a63-7c1b9d6d0f42")


@dataclass(frozen=True, slots=True)
class Look:
    """One look of one member of the staff. ``look_id`` is the same for the same look within the same half hour."""

    look_id: str
    person_id: str
    registration_id: str | None
    purpose: str
    at: datetime
    user_id: str
    role: str
    office_id: str | None


class Looks(Protocol):
    """Where looks are kept."""

    def keep(self, look: Look) -> bool:
        """Keep a look and its event at once; False where it was kept already."""

    def of_person(self, person_id: str, limit: int) -> list[Look]:
        """Newest first."""


def note_look(registry: Registry, looks: Looks, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """The actor was shown data; ``data`` is :class:`contracts.registry.NoteLookRequest`."""
    registration_id, purpose = data["registration_id"], data["purpose"]
    person_id, now = _person_id(registry, registration_id, data["person_id"]), registry.now()
    window = int(now.timestamp()) // LOOK_SECONDS
    name = "\n".join((person_id, registration_id or "", actor.user_id, purpose, str(window)))
    look_id = str(uuid.uuid5(LOOK_IDS, name))
    look = Look(look_id, person_id, registration_id, purpose, now, actor.user_id, actor.role, actor.office_id)
    return {"counted": looks.keep(look)}


def _person_id(registry: Registry, registration_id: str | None, person_id: str | None) -> str:
    if registration_id is None and person_id is None:
        raise InvalidInput("a registration or a person is needed", field="registration_id", reason="missing")
    if registration_id is not None:
        person = registry.people.by_registration(registration_id)
    else:
        person = registry.people.get(person_id or "")
    if person is None:
        raise NotFound("no such person")
    return person.person_id


def list_looks(looks: Looks, data: Mapping[str, Any]) -> dict[str, Any]:
    """Who was shown a person's data; ``data`` is :class:`contracts.registry.ListLooksRequest`."""
    names = ("at", "purpose", "registration_id", "user_id", "role", "office_id")
    found = looks.of_person(data["person_id"], data["limit"])
    return {"looks": [{name: getattr(look, name) for name in names} for look in found]}
