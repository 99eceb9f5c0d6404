"""Who was shown whose data: told to the service that owns the data, and read for the person and for auditors.

One look is what one person of the staff sees for one purpose within half an hour of the clock. The page waits a second for it at
most, and is shown all the same where it could not be noted: then the log says so, and the next page tries again.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from flask import current_app

from chassis import deadline
from chassis.clock import now
from chassis.logs import get_logger
from contracts.certification import NOTE_DOCUMENT_LOOK
from contracts.errors import TitularError, Unavailable
from contracts.gateway import RECORDING_VIEWED
from contracts.operation import Operation
from contracts.registry import LIST_LOOKS, LOOK_SECONDS, NOTE_LOOK
from gateway.security import access
from gateway.views import ask

logger = get_logger(__name__)
PATIENCE_SECONDS = 1.0
LOOK_IDS = uuid.UUID("7b3c5a2e-6a34-5f0d-8d3e-2e4a1c9b7f10")
SHOWN = 200
EXTENSION = "titular looks"
ENDED = ("completed", "refused", "inconclusive", "cancelled", "expired", "revoked")


class Told:
    """What this process has told within the present half hour, so that a page that asks again costs nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._names: set[str] = set()

    def add(self, name: str, window: int) -> bool:
        """Whether it is new."""
        with self._lock:
            if window != self._window:
                self._window, self._names = window, set()
            if name in self._names:
                return False
            self._names.add(name)
            return True

    def forget(self, name: str) -> None:
        """It could not be told."""
        with self._lock:
            self._names.discard(name)


def note_registration(registration_id: str, purpose: str) -> None:
    """The signed-in account is shown a registration; ``purpose``: :data:`contracts.registry.LOOK_PURPOSES`."""
    _note(NOTE_LOOK, (registration_id, purpose), {"registration_id": registration_id, "purpose": purpose})


def note_search(person_id: str | None) -> None:
    """The signed-in account is shown who has a CPF; nobody is where ``person_id`` is None."""
    if person_id is not None:
        _note(NOTE_LOOK, (person_id, "search"), {"person_id": person_id, "purpose": "search"})


def note_emission(emission: Mapping[str, Any]) -> None:
    """The signed-in account is shown an emission's registration: no look where it is the clerk's own work, still under way."""
    if emission["clerk_id"] == access.account().user_id and emission["state"] not in ENDED:
        return
    note_registration(emission["registration_id"], "emission")


def note_document(emission_id: str, kind: str) -> None:
    """The signed-in account is given a term, a certificate or its chain."""
    _note(NOTE_DOCUMENT_LOOK, (emission_id, kind), {"emission_id": emission_id, "kind": kind})


def _note(operation: Operation, subject: tuple[str, ...], data: dict[str, Any]) -> None:
    window = int(now().timestamp()) // LOOK_SECONDS
    name = "\n".join((operation.name, access.account().user_id, *subject, str(window)))
    if not _told().add(name, window):
        return
    try:
        with deadline.within(PATIENCE_SECONDS):
            access.parts().caller(operation, data, actor=access.actor(), command_id=str(uuid.uuid5(LOOK_IDS, name)))
    except TitularError as error:
        _told().forget(name)
        said = {"operation": operation.name, "code": error.code, "reason": error.reason}
        logger.error("look not noted", **said, **data)  # noqa: TRY400 - a typed refusal, whose trace tells nothing more


def _told() -> Told:
    return cast(Told, current_app.extensions.setdefault(EXTENSION, Told()))


def looks_at(person_id: str, emission_id: str, documents: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]] | None:
    """All looks at a person's data and one emission's recordings and documents, newest first: at, what, role, office_id, user_id.

    ``documents``: as of :class:`contracts.certification.DocumentLook`. ``options``: as of :func:`gateway.views.ask`.
    None where it cannot be told now.
    """
    try:
        with deadline.within(PATIENCE_SECONDS * 2):
            data = ask(LIST_LOOKS, person_id=person_id, limit=SHOWN, **options)["looks"]
            recordings = access.parts().ledger.of_emission(emission_id, [RECORDING_VIEWED.name], SHOWN)
    except Unavailable:
        return None
    watched = [_look(said.time, "recording", said.actor) for said in recordings if said.actor]
    read = [_look(one["at"], one["kind"], one) for one in documents]
    opened = [_look(one["at"], one["purpose"], one) for one in data]
    return sorted([*watched, *read, *opened], key=lambda look: look["at"], reverse=True)


def _look(at: datetime, what: str, by: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": at, "what": what, "role": by["role"], "office_id": by.get("office_id"), "user_id": by.get("user_id")}
