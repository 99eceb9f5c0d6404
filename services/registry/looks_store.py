"""Looks as documents: one for each, never changed, with the event that waits to be published."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chassis.clock import NewId
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.registry import REGISTRATION_VIEWED
from services.registry.looks import Look

COLLECTION = "looks"


class DocumentLooks:
    """The store on MongoDB's wire. See :class:`services.registry.looks.Looks`."""

    def __init__(self, documents: DocumentStore, new_id: NewId) -> None:
        self._documents = documents
        self._new_id = new_id

    def prepare(self) -> None:
        """Make the index."""
        self._documents.prepare([[("person_id", 1), ("at", -1)]])

    def keep(self, look: Look) -> bool:
        """See :class:`Looks`."""

        def decide(present: dict[str, Any] | None) -> Change | None:
            if present is not None:
                return None
            data = {"person_id": look.person_id, "registration_id": look.registration_id, "purpose": look.purpose}
            actor = {"user_id": look.user_id, "role": look.role, "office_id": look.office_id}
            said = envelope(
                REGISTRATION_VIEWED, look.person_id, data, event_id=self._new_id(), time=look.at, cause=look.look_id, actor=actor
            )
            return Change(asdict(look), [said], reply=True)

        return self._documents.change(look.look_id, decide) is True

    def of_person(self, person_id: str, limit: int) -> list[Look]:
        """See :class:`Looks`."""
        found = self._documents.find({"person_id": person_id}, [("at", -1)], limit)
        return [Look(**state) for state in found]
