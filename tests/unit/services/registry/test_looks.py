"""Looks at registrations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from contracts.errors import InvalidInput, NotFound
from services.registry.application import Registry
from services.registry.looks import Look, note_look
from services.registry.model import Person
from tests.support.people import OFFICE, OTHER_OFFICE

PERSON = Person("p1", "52998224725")


class OnePerson:
    """The store with one person, who has registration r1."""

    def get(self, person_id: str) -> Person | None:
        return PERSON if person_id == "p1" else None

    def by_registration(self, registration_id: str) -> Person | None:
        return PERSON if registration_id == "r1" else None


class MemoryLooks:
    """See :class:`services.registry.looks.Looks`."""

    def __init__(self) -> None:
        self.kept: dict[str, Look] = {}

    def keep(self, look: Look) -> bool:
        new = look.look_id not in self.kept
        self.kept.setdefault(look.look_id, look)
        return new

    def of_person(self, person_id: str, limit: int) -> list[Look]:
        return [look for look in self.kept.values() if look.person_id == person_id][:limit]


def noting(moment: datetime) -> Registry:
    return Registry(cast(Any, OnePerson()), cast(Any, None), lambda: moment, lambda: "id", b"secret")


def asked(registration_id: str | None = "r1", person_id: str | None = None, purpose: str = "registration") -> dict[str, Any]:
    return {"registration_id": registration_id, "person_id": person_id, "purpose": purpose}


def test_the_same_look_counts_once_in_half_an_hour() -> None:
    looks, moment = MemoryLooks(), datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
    tries = [
        (moment, OFFICE, asked()),
        (moment + timedelta(minutes=28), OFFICE, asked()),
        (moment, OTHER_OFFICE, asked()),
        (moment, OFFICE, asked(purpose="attachment")),
        (moment, OFFICE, asked(None, "p1", "search")),
        (moment + timedelta(minutes=30), OFFICE, asked()),
    ]
    counted = [note_look(noting(at), looks, actor, data)["counted"] for at, actor, data in tries]
    assert counted == [True, False, True, True, True, True]
    assert {look.person_id for look in looks.kept.values()} == {"p1"}


@pytest.mark.parametrize(("data", "error"), [(asked("r9"), NotFound), (asked(None, "p9"), NotFound), (asked(None), InvalidInput)])
def test_nobody_is_looked_at_who_is_not_there(data: dict[str, Any], error: type[Exception]) -> None:
    looks = MemoryLooks()
    with pytest.raises(error):
        note_look(noting(datetime(2026, 11, 22, tzinfo=UTC)), looks, OFFICE, data)
    assert looks.kept == {}
