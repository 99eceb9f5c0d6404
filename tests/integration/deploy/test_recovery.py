"""Whatever is killed on the running stack comes back by itself, and what stood beside it goes on without being restarted.

The proof is a whole chain each time: a person registered (documents, outbox), an attachment taken (objects), an emission
started (event store, a nested question), its room opened (broker, SFU) and certification told of it. Time to recovery is
printed and held to ten seconds after the process or engine is back.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from chassis.callers import PooledCaller
from chassis.clock import new_id
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import certification, conference, registry
from contracts.errors import NotFound, Unavailable
from contracts.operation import Operation
from deploy.local import stack
from deploy.local.configuration import Configuration, load
from deploy.local.supervisor import Supervisor
from tests.support.people import OFFICE, PNG, registration_data
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
BOUND_SECONDS = 45.0
"""For a busy machine; what it takes is printed, and measured under load by ``make faults``."""
SERVICES = ("registry", "certification", "conference", "media", "notify", "gateway", "streams")


@dataclass
class Stack:
    """A supervised stack, and one caller that lives as long as it: nothing here is made anew after a kill."""

    configuration: Configuration
    supervisor: Supervisor
    ask: PooledCaller
    objects: S3ObjectStore
    news: list[str]
    people: Iterator[str] = field(default_factory=lambda: (some_cpf(number) for number in range(100_000_001, 200_000_000)))

    def chain(self) -> None:
        """One emission from the person to the opened room; fails where any part does not come within its own time."""
        person = insist(self.ask, registry.REGISTER_PERSON, {"cpf": next(self.people), "data": registration_data()})
        registration_id = person["registration_id"]
        key = f"{registration_id}/{new_id()}"
        until(lambda: self.put(key), what="the upload")
        attachment = {"registration_id": registration_id, "kind": "identity_document", "filename": "a.png", "incoming_key": key}
        insist(self.ask, registry.ADD_ATTACHMENT, attachment)
        emission = insist(self.ask, certification.START_EMISSION, {"registration_id": registration_id, "mode": "remote"})
        wanted = {"emission_id": emission["emission_id"]}
        opened = insist(self.ask, conference.GET_CONFERENCE, wanted)
        joining = {"conference_id": opened["conference_id"], "display_name": "Ana", "purpose": "camera", "participant_id": None}
        insist(self.ask, conference.JOIN_CONFERENCE, joining)
        known = "conference_id"
        until(lambda: insist(self.ask, certification.GET_EMISSION, wanted)[known], what="certification to hear of the room")

    def put(self, key: str) -> bool:
        """Whether the object store took an upload."""
        try:
            self.objects.put("incoming", key, PNG, "image/png")
        except Unavailable:
            return False
        return True


def some_cpf(number: int) -> str:
    """Nine digits with their two check digits (modulus 11)."""
    digits = str(number)
    for _ in range(2):
        total = sum(int(digit) * weight for digit, weight in zip(reversed(digits), range(2, 12), strict=False))
        digits += str(-total % 11 % 10)
    return digits


def insist(ask: PooledCaller, operation: Operation, data: dict[str, Any]) -> dict[str, Any]:
    """As a person would: the same command again while a part is away or not there yet."""
    command_id = new_id()

    def answer() -> dict[str, Any] | None:
        try:
            return ask(operation, data, actor=OFFICE, command_id=command_id)
        except (Unavailable, NotFound):
            return None

    return until(answer, what=operation.name)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("stack")
    configuration = load(folder)
    news: list[str] = []
    supervisor = Supervisor(stack.programs(configuration), configuration.log, lambda _name, _line: None, news.append)
    ended, ready = threading.Event(), threading.Event()

    def supervise() -> None:  # processes end with the thread that started them
        try:
            supervisor.start()
            ready.set()
            supervisor.watch(ended.is_set)
        finally:
            supervisor.stop()

    thread = threading.Thread(target=supervise)
    thread.start()
    until(lambda: ready.is_set() or not thread.is_alive(), 180)
    assert ready.is_set(), news
    env = stack.environment(configuration)
    ask = PooledCaller(configuration.broker_url)
    objects = S3ObjectStore(
        ObjectSettings(env["TITULAR_OBJECTS_ENDPOINT"], "titular", configuration.secrets["object_secret"], False, "titular-")
    )
    try:
        yield Stack(configuration, supervisor, ask, objects, news)
    finally:
        ask.close()
        ended.set()
        thread.join(120)


@pytest.fixture(autouse=True)
def calm(running: Stack) -> None:
    """Each kill meets a stack that is whole, and programs whose back-off has been forgotten."""
    until(lambda: len(running.supervisor.pids()) == len(running.supervisor.ready_times()), 60)
    running.chain()


def killed(running: Stack, name: str) -> float:
    """End a program without warning and wait until it is back; when that began."""
    before = running.supervisor.pids()
    begun = time.monotonic()
    os.killpg(before[name], signal.SIGKILL)
    until(lambda: running.supervisor.pids().get(name, before[name]) != before[name], 30, f"{name} to be started again")
    started = time.monotonic() - begun
    back(running, name)
    print(f"\n{name}: started again after {started:.1f} s, serving after {time.monotonic() - begun:.1f} s", end="")
    return begun


def back(running: Stack, name: str) -> None:
    ready: dict[str, Callable[[], bool]] = {each.name: each.ready for each in stack.programs(running.configuration)}
    until(ready[name], 60, f"{name} to serve")


@pytest.mark.parametrize("name", ["rabbitmq", "documents", "objects", "sfu", *SERVICES])
def test_what_is_killed_comes_back_and_the_chain_works_again(running: Stack, name: str) -> None:
    before = running.supervisor.pids()
    begun = killed(running, name)
    served = time.monotonic()
    running.chain()
    print(f", whole chain {time.monotonic() - served:.1f} s later ({time.monotonic() - begun:.1f} s after the kill)", end="")
    assert time.monotonic() - served < BOUND_SECONDS
    for other in stack.programs(running.configuration):
        until(other.ready, BOUND_SECONDS, f"{other.name} to be ready again")
    after = running.supervisor.pids()
    assert {other for other in before if before[other] != after[other]} == {name}


def test_a_store_that_hangs_ends_in_an_error_and_kills_nobody(running: Stack) -> None:
    before = running.supervisor.pids()
    registry_health = f"http://127.0.0.1:{running.configuration.ports['registry']}/health"
    os.killpg(before["documents"], signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(Unavailable) as raised:
            running.ask(registry.FIND_PERSON, {"cpf": next(running.people)}, actor=OFFICE)
        print(f"\nhanging documents: {raised.value.reason} after {time.monotonic() - begun:.1f} s", end="")
        assert time.monotonic() - begun < BOUND_SECONDS
        assert requests.get(f"{registry_health}/live", timeout=3).status_code == 200
        ready = requests.get(f"{registry_health}/ready", timeout=4)
        assert ready.status_code == 503
        assert ready.json()["checks"]["documents"] != "ok"
        assert ready.json()["checks"]["broker"] == "ok"
    finally:
        os.killpg(before["documents"], signal.SIGCONT)
    running.chain()
    assert running.supervisor.pids() == before


def test_a_broker_that_hangs_for_a_moment_costs_only_delay(running: Stack) -> None:
    before = running.supervisor.pids()
    os.killpg(before["rabbitmq"], signal.SIGSTOP)
    waking = threading.Timer(4.0, os.killpg, (before["rabbitmq"], signal.SIGCONT))
    waking.start()
    try:
        assert running.ask(registry.FIND_PERSON, {"cpf": next(running.people)}, actor=OFFICE)["registrations"] == []
    finally:
        waking.join()
    running.chain()
    assert running.supervisor.pids() == before
