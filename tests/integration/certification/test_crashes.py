"""The service is killed and deadlines pass: what was acknowledged stays, and what is due happens after the restart."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from contracts import certification
from deploy.local.process import Program, answers_http, free_ports
from tests.integration.certification.conftest import World, certification_environment
from tests.support import events, services
from tests.support.engines import Broker, Documents, Objects, running
from tests.support.registry import running_registry
from tests.support.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where this test's service keeps its files."""
    return tmp_path


def program(env: dict[str, str]) -> Program:
    """The service as a program that the test may kill."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/health/ready"
    argv = (sys.executable, "-m", "services.certification")
    return Program("certification", argv, lambda: answers_http(url), {**env, "TITULAR_HEALTH_PORT": str(port)})


def test_a_killed_service_loses_nothing_and_ends_what_became_due(
    broker: Broker, document_engine: Documents, object_engine: Objects, folder: Path
) -> None:
    env = certification_environment(broker, document_engine, object_engine, folder)
    short = {**env, "TITULAR_SIGN_WITHIN_HOURS": str(8 / 3600)}
    with (
        running_registry(broker.url, folder) as registrations,
        services.caller(broker) as ask,
        events.collecting(broker.url, "certification") as published,
    ):
        world = World(broker, ask, registrations, env, folder)
        # given a certificate withheld, and a service killed right after its answer
        with running(program(short), folder) as process:
            invited = world.invited(mode="in_person")
            emission_id = invited["emission_id"]
            serial = world.holder(invited).request()["certificate_serial"]
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        # when it runs again, with its read model lost
        world_views_lost(document_engine, env)
        with running(program(short), folder):
            # then the history is whole, every event was published, and the deadline is kept
            final = until(lambda: _expired(world, emission_id), what="the withheld certificate revoked", seconds=60)
            assert final["certificate"]["status"] == "revoked"
            assert final["certificate"]["serial"] == serial
            assert world.history(emission_id)["intact"]
            until(lambda: _types(published, emission_id) == _told(world, emission_id), what="every event published, in its order")
            until(lambda: _listed(world, invited["person_id"]) == ["expired"], what="the list made anew", seconds=10)


def _told(world: World, emission_id: str) -> list[str]:
    """By the history as it is now."""
    return [entry["type"] for entry in world.history(emission_id)["entries"]]


def world_views_lost(engine: Documents, env: dict[str, str]) -> None:
    """Drop the service's documents."""
    from pymongo import MongoClient

    with MongoClient(engine.url) as client:
        client.drop_database(env["TITULAR_DOCUMENTS_PREFIX"] + "certification")


def _expired(world: World, emission_id: str) -> dict[str, object] | None:
    emission = world.emission(emission_id)
    return emission if emission["state"] == "expired" else None


def _listed(world: World, person_id: str) -> list[str]:
    return [row["state"] for row in world.clerk(certification.LIST_EMISSIONS, person_id=person_id)["emissions"]]


def _types(published: events.Collected, emission_id: str) -> list[str]:
    """What was published of the emission, each event once."""
    seen = {event.id: event.type for event in published.of() if event.subject == emission_id}
    return list(seen.values())
