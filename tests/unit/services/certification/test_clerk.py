"""The clerk's commands: idempotence, one open emission, offices, what a start needs."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.clock import new_id
from contracts.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    InvalidInput,
    PersonBlocked,
    StaleVersion,
)
from services.certification.application import clerk, reads
from services.certification.model.protocol import protocol_valid
from tests.support.certification import START, STRANGER, InProcess
from tests.support.registry import registration
from tests.support.steps import ATTESTED, start, types


def test_a_start_is_idempotent_by_its_command_id(inside: InProcess) -> None:
    command_id = new_id()
    first, again = start(inside, command_id=command_id), start(inside, command_id=command_id)
    assert first == again
    assert types(inside, first["emission_id"]) == ["EmissionStarted"]
    assert protocol_valid(first["protocol"])
    assert first["protocol"].startswith("123456.2026.11.22.00000001-")


def test_one_open_emission_per_person_and_office(inside: InProcess) -> None:
    first = start(inside)
    with pytest.raises(AlreadyExists) as refused:
        start(inside)
    assert refused.value.details == {"emission_id": first["emission_id"]}
    start(inside, mode="remote", actor=STRANGER)
    clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": first["emission_id"], "reason": "desistiu"})
    assert start(inside)["emission_id"] != first["emission_id"]


def test_a_reservation_left_by_a_crash_is_taken_over_after_a_while(inside: InProcess) -> None:
    inside.views.reserve("p-r-1", "123456", "never-started", inside.clock())
    with pytest.raises(AlreadyExists):
        start(inside)
    inside.clock.forward(seconds=31)
    assert start(inside)["state"] == "started"


@pytest.mark.parametrize(
    ("changes", "mode", "error"),
    [
        ({"block": {"reason": "fraud", "since": START.isoformat()}}, "remote", PersonBlocked),
        ({"missing_for_remote": ["email", "identity_document"]}, "remote", InvalidInput),
        ({"birth_date": None}, "in_person", InvalidInput),
        ({"email": None, "mobile": None}, "in_person", InvalidInput),
        ({"office_id": "999999"}, "in_person", Conflict),
    ],
)
def test_a_start_that_cannot_be_is_refused(inside: InProcess, changes: dict[str, Any], mode: str, error: type[Exception]) -> None:
    inside.registrations.known["r-1"] = registration(**changes)
    with pytest.raises(error):
        start(inside, mode=mode)
    inside.registrations.known["r-1"] = registration()
    assert start(inside)["state"] == "started"


def test_missing_fields_are_named(inside: InProcess) -> None:
    inside.registrations.known["r-1"] = registration(missing_for_remote=["email", "identity_document"])
    with pytest.raises(InvalidInput) as refused:
        start(inside, mode="remote")
    assert [problem["field"] for problem in refused.value.problems] == ["email", "identity_document"]


def test_another_office_may_neither_act_nor_look(inside: InProcess) -> None:
    emission_id = start(inside)["emission_id"]
    stranger = inside.call(STRANGER)
    with pytest.raises(Forbidden):
        clerk.attest_identification(inside.ports, stranger, {"emission_id": emission_id, **ATTESTED})
    with pytest.raises(Forbidden):
        reads.get_emission(inside.ports, stranger, {"emission_id": emission_id})
    with pytest.raises(Forbidden):
        reads.get_history(inside.ports, stranger, {"emission_id": emission_id, "up_to": None})
    wanted = {"office_id": "123456", "person_id": None, "protocol": None, "state": None, "before": None, "limit": 10}
    assert reads.list_emissions(inside.ports, stranger, wanted) == {"emissions": []}


def test_a_registration_changed_meanwhile_is_not_confirmed(inside: InProcess) -> None:
    emission_id = start(inside)["emission_id"]
    clerk.attest_identification(inside.ports, inside.call(), {"emission_id": emission_id, **ATTESTED})
    inside.registrations.known["r-1"] = registration(version=2, current_version=2)
    with pytest.raises(StaleVersion):
        clerk.confirm_data(inside.ports, inside.call(), {"emission_id": emission_id, "registration_version": 1})
