"""The CloudEvents envelope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.envelope import Envelope
from contracts.errors import ERRORS, InternalFault, InvalidInput, StaleVersion, error_from_dict

ENVELOPE = Envelope(
    id="e1",
    source="registry",
    type="PersonRegistered",
    subject="p1",
    time=datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC),
    data={"version": 1},
    version=1,
    traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    emission_id="em1",
    cause="c1",
    actor={"user_id": "ana"},
)


def test_it_survives_the_journey() -> None:
    assert Envelope.from_dict(ENVELOPE.to_dict()) == ENVELOPE


def test_it_is_cloudevents() -> None:
    body = ENVELOPE.to_dict()
    assert (body["specversion"], body["source"]) == ("1.0", "/titular/registry")
    assert body["dataschema"] == "urn:titular:registry:PersonRegistered:1"
    assert all(key.isalnum() and key.islower() for key in body)


@pytest.mark.parametrize("key", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_a_missing_attribute_is_named(key: str) -> None:
    body = ENVELOPE.to_dict()
    del body[key]
    with pytest.raises(InvalidInput) as refusal:
        Envelope.from_dict(body)
    assert refusal.value.field == key


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"specversion": "2.0"}, "specversion"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-11-22T12:00:00"}, "time"),
        ({"data": ["a", "list"]}, "data"),
        ({"dataschema": "urn:titular:registry:PersonRegistered:new"}, "dataschema"),
    ],
)
def test_an_attribute_that_makes_no_sense_is_named(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Envelope.from_dict({**ENVELOPE.to_dict(), **wrong})
    assert refusal.value.field == field


@pytest.mark.parametrize("body", [None, 7, "specversion id source type subject time data", ["specversion"]])
def test_what_is_no_object_is_no_event(body: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Envelope.from_dict(body)
    assert refusal.value.field == "body"


def test_errors_survive_the_journey() -> None:
    error = error_from_dict(StaleVersion("changed", expected=1, actual=2).to_dict())
    assert isinstance(error, StaleVersion)
    assert error.details == {"expected": 1, "actual": 2}


def test_an_error_of_a_newer_version_is_a_fault_not_a_crash() -> None:
    assert isinstance(error_from_dict({"code": "from_the_future"}), InternalFault)


def test_every_error_has_a_code_and_a_status() -> None:
    assert len(ERRORS) == len(set(ERRORS.values()))
    assert all(400 <= cls.status < 600 for cls in ERRORS.values())
