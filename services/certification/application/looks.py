"""Looks at an emission's term and certificate: noted once in half an hour for one person and document, and told to the holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.rpc import Call
from services.certification.application.access import require_own
from services.certification.application.history import change, of_call
from services.certification.application.ports import Ports
from services.certification.application.streams import present
from services.certification.model.looks import DOCUMENT_VIEWED, decide_note_look

Data = Mapping[str, Any]


def note_document_look(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Note that the actor was given a document. The command's id is the same for the same look, which so counts once."""
    emission_id, kind = data["emission_id"], data["kind"]
    require_own(present(ports, emission_id), call.actor)
    change(ports, emission_id, of_call(call), lambda state: decide_note_look(state, kind))
    return {"emission_id": emission_id, "kind": kind}


def looks_of(ports: Ports, emission_id: str) -> list[dict[str, Any]]:
    """Newest first, without names (contracts.certification.DocumentLook)."""
    records = [stored.record for stored in ports.events.read(emission_id) if stored.record.type == DOCUMENT_VIEWED]
    return [
        {
            "at": record.time,
            "kind": record.data["kind"],
            "role": record.actor["role"],
            "office_id": record.actor.get("office_id"),
        }
        for record in reversed(records)
    ]
