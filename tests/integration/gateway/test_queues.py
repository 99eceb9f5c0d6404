"""The operators' look into a real broker's queues."""

from __future__ import annotations

import json
from typing import Any

import kombu
import pytest

from chassis import queues as declarations
from contracts.errors import NotFound, Unavailable
from contracts.topology import SUBSCRIPTIONS
from gateway.queues import BrokerQueues, Depth
from tests.support.engines import Broker
from tests.support.waiting import until

pytestmark = pytest.mark.integration
SUBSCRIPTION = next(each for each in SUBSCRIPTIONS if each.service == "media")
BODY = {"id": "e-1", "type": "RecordingStopped", "time": "2026-11-20T14:30:00Z", "emissionid": "em-1", "data": {"x": "kept back"}}


@pytest.fixture
def queues(broker: Broker) -> BrokerQueues:
    declarations.declare(broker.url, [SUBSCRIPTION], [SUBSCRIPTION.source])
    return BrokerQueues(broker.url)


def depth(queues: BrokerQueues) -> Depth:
    return next(each for each in queues.depths() if each.queue == SUBSCRIPTION.queue)


def put(broker: Broker, queue: str, headers: dict[str, Any]) -> None:
    with kombu.Connection(broker.url) as connection, connection.Producer() as producer:
        producer.publish(json.dumps(BODY), routing_key=queue, headers=headers, content_type="application/json")


def test_dead_letters_are_seen_without_their_data_and_given_back(broker: Broker, queues: BrokerQueues) -> None:
    put(broker, SUBSCRIPTION.dead, {"x-attempt": 4, "x-error": "not_found: no tracks"})
    until(lambda: depth(queues).dead == 1)
    for _ in range(3):
        (letter,) = queues.peek(SUBSCRIPTION.queue)
        assert (letter.event_id, letter.error, letter.attempts) == ("e-1", "not_found: no tracks", 4)
        assert "kept back" not in str(letter)
        until(lambda: depth(queues).dead == 1)
    assert queues.redrive(SUBSCRIPTION.queue) == 1
    until(lambda: (depth(queues).ready, depth(queues).dead) == (1, 0))
    with kombu.Connection(broker.url) as connection:
        returned = connection.channel().basic_get(SUBSCRIPTION.queue, no_ack=True)
    assert json.loads(returned.body) == BODY
    assert "x-attempt" not in returned.headers


def test_queues_that_were_never_declared_are_told_apart(queues: BrokerQueues) -> None:
    assert depth(queues).ready is not None
    assert len(queues.depths()) == len(SUBSCRIPTIONS)


def test_only_our_own_queues_can_be_looked_into(queues: BrokerQueues) -> None:
    with pytest.raises(NotFound):
        queues.peek("somebody-else's")


def test_a_broker_out_of_reach_is_said_so() -> None:
    with pytest.raises(Unavailable):
        BrokerQueues("amqp://guest:guest@127.0.0.1:9/").depths()
