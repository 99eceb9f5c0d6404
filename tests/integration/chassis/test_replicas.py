"""Two replicas of one service on real engines: each event leaves once and in order, and one replica goes on for the other."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from chassis.callers import PooledCaller
from chassis.document_lease import COLLECTION, LEASE_SECONDS
from chassis.documents import connect
from chassis.settings import DocumentSettings
from contracts import registry
from tests.support import services
from tests.support.engines import Broker, Documents, Objects
from tests.support.events import collecting
from tests.support.killable import killable
from tests.support.people import CPF, OFFICE, registration_data
from tests.support.waiting import until

pytestmark = pytest.mark.integration
ROUNDS = 20
AGAIN_SECONDS = LEASE_SECONDS + 6
"""The lease, the look of each second, and a slow machine."""


def block_and_unblock(ask: PooledCaller, rounds: int) -> None:
    for _ in range(rounds):
        ask(registry.BLOCK_PERSON, {"cpf": CPF, "reason": "court_order", "note": "Ofício 12/2026"}, actor=OFFICE)
        ask(registry.UNBLOCK_PERSON, {"cpf": CPF, "note": "Ofício 12/2026"}, actor=OFFICE)


def test_each_event_leaves_once_and_in_order_and_a_killed_replica_is_succeeded(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path: Path
) -> None:
    # given two replicas that answer the same questions
    env = services.environment(broker, document_engine, object_engine)
    database = connect(DocumentSettings(document_engine.url, env["TITULAR_DOCUMENTS_PREFIX"] + "registry"))
    names = {name: f"{name}-{secrets.token_hex(2)}" for name in ("one", "two")}
    programs = {name: services.program("registry", env | {"TITULAR_REPLICA": replica}) for name, replica in names.items()}
    with (
        collecting(broker.url, "registry") as seen,
        killable(programs["one"], tmp_path / "one") as one,
        killable(programs["two"], tmp_path / "two") as two,
        services.caller(broker) as ask,
    ):
        # when much happens to one person
        ask(registry.REGISTER_PERSON, {"cpf": CPF, "data": registration_data()}, actor=OFFICE)
        block_and_unblock(ask, ROUNDS)
        until(lambda: len(seen.of()) == 1 + 2 * ROUNDS, what="all events")
        # then each event came once, in its order
        assert [event.type for event in seen.of()] == ["PersonRegistered", *["PersonBlocked", "PersonUnblocked"] * ROUNDS]
        assert len(seen.arrivals) == 1 + 2 * ROUNDS

        # when the replica that publishes is killed
        holder = database[COLLECTION].find_one({"_id": "relay"})
        assert holder
        killed, other = (one, two) if holder["holder"] == names["one"] else (two, one)
        killed.kill()
        block_and_unblock(ask, 1)
        # then the other publishes what happens from now on
        until(lambda: len(seen.of()) == 3 + 2 * ROUNDS, AGAIN_SECONDS, "the other's publication")
        successor = database[COLLECTION].find_one({"_id": "relay"})
        assert successor
        assert successor["holder"] == (names["two"] if other is two else names["one"])

        # and who is told to stop gives the lease up, so that nobody has to wait for it
        other.end()
        given_up = database[COLLECTION].find_one({"_id": "relay"})
        assert given_up
        assert given_up["holder"] is None
