"""What services said yesterday must be understood today: every contract has a golden sample that still loads."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import contracts
from contracts import conference
from contracts.operation import EVENTS, OPERATIONS, EventType, Operation
from contracts.topology import SUBSCRIPTIONS

for module in pkgutil.iter_modules(contracts.__path__):
    importlib.import_module(f"contracts.{module.name}")

SAMPLES = Path(contracts.__file__).parent / "samples"


def sample(path: Path) -> Any:
    assert path.exists(), f"no golden sample {path.relative_to(SAMPLES)}"
    return json.loads(path.read_text())


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: f"{event.source}.{event.name}")
def test_an_event_of_each_version_is_understood(event: EventType) -> None:
    for version in range(1, event.version + 1):
        data = sample(SAMPLES / event.source / "events" / f"{event.name}.v{version}.json")
        loaded = event.schema().load(data)
        if version == event.version:
            assert event.schema().dump(loaded) == data


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: f"{operation.service}.{operation.name}")
def test_a_question_and_its_answer_are_understood(operation: Operation) -> None:
    spoken = sample(SAMPLES / operation.service / "operations" / f"{operation.name}.json")
    assert operation.request().dump(operation.request().load(spoken["request"])) == spoken["request"]
    assert operation.reply().dump(operation.reply().load(spoken["reply"])) == spoken["reply"]


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: f"{event.source}.{event.name}")
def test_a_newer_sender_may_add_keys(event: EventType) -> None:
    data = sample(SAMPLES / event.source / "events" / f"{event.name}.v{event.version}.json")
    assert "added_later" not in event.schema().load({**data, "added_later": 1})


def test_a_recording_of_before_there_were_several_instances_is_of_the_nameless_one() -> None:
    for event in (conference.RECORDING_STARTED, conference.RECORDING_STOPPED):
        data = sample(SAMPLES / "conference" / "events" / f"{event.name}.v{event.version}.json")
        assert event.schema().load({key: value for key, value in data.items() if key != "instance"})["instance"] == ""


def test_no_event_has_a_field_for_personal_data() -> None:
    personal = {"cpf", "name", "email", "mobile", "phone", "birth_date", "address", "holder_name", "token", "code"}
    named = {(key, field) for key, event in EVENTS.items() for field in event.schema().fields if field in personal}
    assert named == set()


def test_every_subscription_is_to_an_event_that_exists() -> None:
    assert [s for s in SUBSCRIPTIONS if (s.source, s.event) not in EVENTS] == []


def test_the_five_public_events_exist() -> None:
    public = {
        ("registry", "PersonRegistered"),
        ("conference", "ConferenceStarted"),
        ("conference", "RecordingStopped"),
        ("media", "VideoProcessed"),
        ("certification", "CertificateIssued"),
    }
    assert public <= set(EVENTS)
