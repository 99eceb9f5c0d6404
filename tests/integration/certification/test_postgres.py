"""The running service on PostgreSQL: the same emission, and many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.certification.conftest import World, certification_environment
from tests.support import services
from tests.support.engines import Broker, Documents, Objects, Postgres
from tests.support.registry import running_registry

pytestmark = pytest.mark.integration


def test_emissions_complete_on_postgresql(
    broker: Broker, document_engine: Documents, object_engine: Objects, postgres: Postgres, tmp_path: Path
) -> None:
    env = certification_environment(broker, document_engine, object_engine, tmp_path)
    env["TITULAR_EVENT_STORE_URL"] = postgres.url
    with (
        running_registry(broker.url, tmp_path) as registrations,
        services.service("certification", env, tmp_path),
        services.caller(broker) as ask,
    ):
        world = World(broker, ask, registrations, env, tmp_path)
        # given and when: four people at once go the whole way
        people = [world.person() for _ in range(4)]

        def whole(registration_id: str) -> str:
            invited = world.invited(mode="in_person", registration_id=registration_id)
            world.holder(invited).complete()
            return str(invited["emission_id"])

        with ThreadPoolExecutor(4) as pool:
            emissions = list(pool.map(whole, people))
        # then all are completed, with protocols of their own and intact histories
        assert {world.emission(emission_id)["state"] for emission_id in emissions} == {"completed"}
        assert len({world.emission(emission_id)["protocol"] for emission_id in emissions}) == 4
        assert all(world.history(emission_id)["intact"] for emission_id in emissions)
