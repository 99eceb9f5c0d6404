"""Looks at term and certificate, in the emission's history and in the holder's own place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.actor import Actor
from contracts.errors import Forbidden, NotFound
from services.certification.application import looks, reads
from tests.support.certification import CLERK, STRANGER, InProcess
from tests.support.steps import invited
from tests.unit.services.certification.test_place import challenge_of, completed, opened, shown

AUDITOR = Actor("auditor-1", "auditor", "Clara Auditora", address="127.0.0.1")


def look(inside: InProcess, emission_id: str, actor: Actor, command_id: str, kind: str = "term") -> None:
    call = replace(inside.call(actor), command_id=command_id)
    looks.note_document_look(inside.ports, call, {"emission_id": emission_id, "kind": kind})


def test_a_look_is_in_the_history_once_and_the_holder_sees_it_without_a_name(inside: InProcess) -> None:
    emission_id, key = completed(inside)
    look(inside, emission_id, CLERK, "c-1")
    look(inside, emission_id, CLERK, "c-1")
    inside.clock.forward(minutes=40)
    look(inside, emission_id, AUDITOR, "c-2", "certificate")
    history = reads.get_history(inside.ports, inside.call(CLERK), {"emission_id": emission_id, "up_to": None})
    seen = [entry for entry in history["entries"] if entry["type"] == "DocumentViewed"]
    assert [(entry["actor"]["user_id"], entry["data"]["kind"]) for entry in seen] == [
        ("clerk-1", "term"),
        ("auditor-1", "certificate"),
    ]
    assert (history["intact"], history["state"]["state"]) == (True, "completed")
    found = shown(inside, opened(inside, emission_id, key, challenge_of(inside, emission_id))["place_session"])
    assert [(one["kind"], one["role"], one["office_id"]) for one in found["looks"]] == [
        ("certificate", "auditor", None),
        ("term", "clerk", "123456"),
    ]
    assert "Clara" not in str(found["looks"])


def test_only_what_was_released_can_be_looked_at(inside: InProcess) -> None:
    with pytest.raises(NotFound):
        look(inside, invited(inside)["emission_id"], CLERK, "c-1")


def test_another_office_is_given_nothing_and_notes_nothing(inside: InProcess) -> None:
    emission_id, _ = completed(inside)
    with pytest.raises(Forbidden):
        look(inside, emission_id, STRANGER, "c-1")
