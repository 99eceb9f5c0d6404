"""The registry as a process on a real broker, document store and object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.callers import PooledCaller
from chassis.clock import new_id
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import registry
from contracts.errors import AlreadyExists, Forbidden, InvalidInput, StaleVersion
from tests.support import services
from tests.support.certification import HOLDER
from tests.support.engines import Broker, Documents, Objects
from tests.support.events import Collected, collecting
from tests.support.people import AUDITOR, CPF, OFFICE, OTHER_CPF, OTHER_OFFICE, PNG, registration_data
from tests.support.waiting import until

pytestmark = pytest.mark.integration


class World:
    """The running registry, what it published, and its object store."""

    def __init__(self, ask: PooledCaller, events: Collected, objects: S3ObjectStore) -> None:
        self.ask = ask
        self.events = events
        self.objects = objects


@pytest.fixture(scope="module")
def world(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("registry")
    env = services.environment(broker, document_engine, object_engine)
    objects = S3ObjectStore(
        ObjectSettings(
            object_engine.endpoint,
            object_engine.access_key,
            object_engine.secret_key,
            False,
            env["TITULAR_OBJECTS_BUCKET_PREFIX"],
        )
    )
    with (
        collecting(broker.url, "registry") as events,
        services.service("registry", env, folder),
        services.caller(broker) as ask,
    ):
        yield World(ask, events, objects)


def test_a_person_is_registered_once_and_found(world: World) -> None:
    found = world.ask(registry.FIND_PERSON, {"cpf": "529.982.247-25"}, actor=OFFICE)
    assert found["registrations"] == []
    request = {"cpf": CPF, "data": registration_data()}
    command = new_id()
    first = world.ask(registry.REGISTER_PERSON, request, actor=OFFICE, command_id=command)
    again = world.ask(registry.REGISTER_PERSON, request, actor=OFFICE, command_id=command)
    assert first == again
    with pytest.raises(AlreadyExists):
        world.ask(registry.REGISTER_PERSON, request, actor=OFFICE)
    other = world.ask(registry.REGISTER_PERSON, request, actor=OTHER_OFFICE)
    assert other["person_id"] == first["person_id"]
    found = world.ask(registry.FIND_PERSON, {"cpf": CPF}, actor=AUDITOR)
    assert [row["office_id"] for row in found["registrations"]] == ["654321", "123456"]
    published = until(lambda: len(world.events.of("PersonRegistered")) == 2 and world.events.of("PersonRegistered"))
    assert len({event.id for event in published}) == 2
    assert CPF not in str([event.data for event in published])


def test_a_registration_is_edited_with_versions_and_attachments(world: World) -> None:
    request = {"cpf": OTHER_CPF, "data": registration_data(name="João Pereira", email=None)}
    reference = world.ask(registry.REGISTER_PERSON, request, actor=OFFICE)
    registration_id = reference["registration_id"]
    edit = {
        "registration_id": registration_id,
        "expected_version": 1,
        "data": registration_data(name="João Pereira", email="joao@example.com"),
    }
    assert world.ask(registry.UPDATE_REGISTRATION, edit, actor=OFFICE)["version"] == 2
    with pytest.raises(StaleVersion):
        world.ask(registry.UPDATE_REGISTRATION, {**edit, "data": registration_data(name="Outro Nome")}, actor=OFFICE)
    with pytest.raises(Forbidden):
        world.ask(registry.UPDATE_REGISTRATION, {**edit, "expected_version": 2}, actor=OTHER_OFFICE)

    world.objects.put("incoming", "up1", PNG, "application/octet-stream")
    attach = {"registration_id": registration_id, "kind": "identity_document", "filename": "rg.png", "incoming_key": "up1"}
    attached = world.ask(registry.ADD_ATTACHMENT, attach, actor=OFFICE)
    assert attached["version"] == 3
    assert attached["attachment"]["content_type"] == "image/png"
    whole = world.ask(registry.GET_REGISTRATION, {"registration_id": registration_id}, actor=OFFICE)
    assert whole["missing_for_remote"] == []
    assert world.objects.get("attachments", whole["attachments"][0]["key"]) == PNG
    before = world.ask(registry.GET_REGISTRATION, {"registration_id": registration_id, "version": 1}, actor=OFFICE)
    assert before["data"].get("email") is None
    assert before["attachments"] == []
    assert len({before["sha256"], whole["sha256"]}) == 2


@pytest.mark.parametrize(
    ("content", "reason"), [(b"MZ\x90\x00", "unknown_type"), (b"\xff\xd8\xff" + bytes(10 * 2**20), "too_large")]
)
def test_a_file_of_another_kind_or_size_is_refused(world: World, content: bytes, reason: str) -> None:
    person = world.ask(registry.FIND_PERSON, {"cpf": OTHER_CPF}, actor=OFFICE)
    registration_id = person["registrations"][0]["registration_id"]
    world.objects.put("incoming", "bad", content, "image/png")
    attach = {"registration_id": registration_id, "kind": "face_photo", "filename": "x.png", "incoming_key": "bad"}
    with pytest.raises(InvalidInput) as refusal:
        world.ask(registry.ADD_ATTACHMENT, attach, actor=OFFICE)
    assert refusal.value.reason == reason


def test_wrong_fields_are_listed_together(world: World) -> None:
    data = {"name": "A", "birth_date": "not a date", "email": "nobody"}
    with pytest.raises(InvalidInput) as refusal:
        world.ask.raw(registry.REGISTER_PERSON, {"cpf": CPF, "data": data}, OFFICE)
    assert {problem["field"] for problem in refusal.value.problems} == {"data.name", "data.birth_date", "data.email"}


def test_only_staff_registers(world: World) -> None:
    with pytest.raises(Forbidden):
        world.ask(registry.REGISTER_PERSON, {"cpf": CPF, "data": registration_data()}, actor=AUDITOR)


def test_who_looked_is_told_once_kept_for_the_person_and_published(world: World) -> None:
    person = world.ask(registry.FIND_PERSON, {"cpf": OTHER_CPF}, actor=OFFICE)
    registration_id = person["registrations"][0]["registration_id"]
    look = {"registration_id": registration_id, "purpose": "registration"}
    counted = [world.ask(registry.NOTE_LOOK, look, actor=AUDITOR, command_id=new_id())["counted"] for _ in range(2)]
    assert counted[0] is True  # the second may fall into the next half hour
    found = world.ask(registry.LIST_LOOKS, {"person_id": person["person_id"]}, actor=HOLDER)["looks"]
    assert len(found) == counted.count(True)
    assert (found[0]["user_id"], found[0]["role"], found[0]["registration_id"]) == ("auditor-1", "auditor", registration_id)
    until(lambda: world.events.of("RegistrationViewed"))
    with pytest.raises(Forbidden):
        world.ask(registry.NOTE_LOOK, look, actor=HOLDER, command_id=new_id())


def test_a_blocked_person_shows_it_everywhere(world: World) -> None:
    world.ask(registry.BLOCK_PERSON, {"cpf": CPF, "reason": "court_order", "note": "Ofício 12/2026"}, actor=OFFICE)
    person = world.ask(registry.FIND_PERSON, {"cpf": CPF}, actor=OTHER_OFFICE)
    assert person["block"]["reason"] == "court_order"
    registration_id = person["registrations"][0]["registration_id"]
    assert world.ask(registry.GET_REGISTRATION, {"registration_id": registration_id}, actor=OFFICE)["block"]
    world.ask(registry.UNBLOCK_PERSON, {"cpf": CPF, "note": "revogado"}, actor=OFFICE)
    assert world.ask(registry.FIND_PERSON, {"cpf": CPF}, actor=OFFICE)["block"] is None
