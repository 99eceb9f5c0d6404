"""Operators' way to dead letters, on a real broker."""

from __future__ import annotations

import json
import secrets
import threading
from typing import Any

import kombu
import pika
import pytest

from chassis import dead_letter_acts, queues
from chassis.dead_letters import LOOKS_BEFORE_RENEWAL, BrokerDeadLetters
from chassis.depths import Depth
from chassis.documents import DocumentStore, connect
from chassis.ledger import DocumentLedger
from chassis.letters import Letter
from chassis.outbox import ConfirmedPublisher, Relay
from chassis.settings import DocumentSettings
from contracts.actor import Actor
from contracts.errors import InvalidInput, NotFound, Unavailable
from contracts.topology import SUBSCRIPTIONS, Subscription
from tests.support.engines import Broker, Documents
from tests.support.events import collecting
from tests.support.waiting import until

pytestmark = pytest.mark.integration
OLGA = Actor("olga", "operator", "Olga Reis", address="203.0.113.7")
FAILED = {"x-attempt": 4, "x-error": "not_found: no tracks", "x-failed-at": "2026-11-20T14:30:36+00:00"}
DEFAULT_LIMIT_OF_RABBITMQ_4 = 20


class Desk:
    """One consumer's queues, new for each test, and whoever looks at them."""

    def __init__(self, broker: Broker, limit: int | None = None) -> None:
        self.url = broker.url
        self.subscription = Subscription("media", f"on_{secrets.token_hex(4)}", "conference", "RecordingStopped")
        self.queue = self.subscription.queue
        if limit is not None:
            self._declare_as_rabbitmq_4_does(limit)
        else:
            queues.declare(broker.url, [self.subscription], [self.subscription.source])
        self.letters = BrokerDeadLetters(broker.url, [self.subscription])

    def _declare_as_rabbitmq_4_does(self, limit: int) -> None:
        with kombu.Connection(self.url) as connection, connection.channel() as channel:
            arguments = {"x-queue-type": "quorum", "x-delivery-limit": limit}
            kombu.Queue(self.subscription.dead, durable=True, queue_arguments=arguments)(channel).declare()
            kombu.Queue(self.subscription.queue, durable=True, queue_arguments={"x-queue-type": "quorum"})(channel).declare()

    def depth(self) -> Depth:
        (found,) = self.letters.depths()
        return found

    def put(self, body: bytes, **properties: Any) -> None:
        """Lay a letter among the dead, as a handler does."""
        dead = self.depth().dead
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        channel = connection.channel()
        channel.confirm_delivery()
        headers = {**FAILED, **properties.pop("headers", {})}
        kept = pika.BasicProperties(content_type="application/json", delivery_mode=2, headers=headers, **properties)
        channel.basic_publish("", self.subscription.dead, body, kept)
        connection.close()
        until(lambda: self.depth().dead == dead + 1)

    def put_event(self, event_id: str = "e-1") -> bytes:
        """Lay an event among the dead."""
        trace = f"00-{'a' * 32}-{'b' * 16}-01"
        body = {"id": event_id, "type": "RecordingStopped", "time": "2026-11-20T14:30:00Z", "emissionid": "em-1"}
        encoded = json.dumps({**body, "traceparent": trace, "data": {"recording_id": "g-1"}}).encode()
        self.put(encoded, message_id=event_id, type="RecordingStopped")
        return encoded

    def delivered(self) -> Any:
        """What the consumer would get next."""
        with kombu.Connection(self.url) as connection:
            return connection.channel().basic_get(self.queue, no_ack=True)


@pytest.fixture
def desk(broker: Broker) -> Desk:
    return Desk(broker)


def nothing(_letter: Letter) -> None:
    """No record, for tests of the broker alone."""


def test_a_letter_says_what_failed_when_and_why(desk: Desk) -> None:
    body = desk.put_event()
    (letter,) = desk.letters.letters(desk.queue)
    assert (letter.id, letter.type, letter.emission_id) == ("e-1", "RecordingStopped", "em-1")
    assert (letter.error, letter.attempts, letter.trace_id) == ("not_found: no tracks", 4, "a" * 32)
    assert (letter.time, letter.failed_at) == ("2026-11-20T14:30:00+00:00", "2026-11-20T14:30:36+00:00")
    assert letter.body == body
    assert json.loads(letter.readable)["data"] == {"recording_id": "g-1"}


@pytest.mark.parametrize("limit", [None, DEFAULT_LIMIT_OF_RABBITMQ_4])
def test_looking_never_costs_a_letter(broker: Broker, limit: int | None) -> None:
    """A queue that drops what was delivered more than 20 times keeps a letter that was looked at 50 times."""
    desk = Desk(broker, limit)
    body = desk.put_event()
    desk.put(b"\x00\xff")
    for _ in range(50):
        found = until(lambda: (seen := desk.letters.letters(desk.queue)) and len(seen) == 2 and seen)
        assert {letter.body for letter in found} == {body, b"\x00\xff"}
        assert all(letter.headers["x-delivery-count"] <= LOOKS_BEFORE_RENEWAL + 1 for letter in found)
    assert {letter.error for letter in desk.letters.letters()} == {"not_found: no tracks"}


def test_a_letter_given_back_reaches_its_consumer_as_it_was_published(desk: Desk) -> None:
    body = desk.put_event()
    assert [letter.id for letter in desk.letters.retry(desk.queue, None, nothing)] == ["e-1"]
    returned = until(desk.delivered)
    assert json.loads(returned.body) == json.loads(body)
    assert not {"x-attempt", "x-error", "x-failed-at"} & set(returned.headers)
    assert (returned.properties["message_id"], returned.properties["delivery_mode"]) == ("e-1", 2)
    assert desk.depth().dead == 0


def test_one_letter_among_others_is_given_back_and_one_discarded(desk: Desk) -> None:
    for name in ("e-1", "e-2", "e-3"):
        desk.put_event(name)
    assert len(desk.letters.retry(desk.queue, "e-2", nothing)) == 1
    assert len(desk.letters.discard(desk.queue, "e-3", nothing)) == 1
    until(lambda: (desk.depth().ready, desk.depth().dead) == (1, 1))
    assert [letter.id for letter in desk.letters.letters(desk.queue)] == ["e-1"]
    assert desk.letters.discard(desk.queue, "e-3", nothing) == []


def test_what_is_no_event_can_be_read_and_discarded(desk: Desk) -> None:
    desk.put(b"\x00\xff{not an event")
    (letter,) = desk.letters.letters(desk.queue)
    assert letter.id == f"sha256-{letter.sha256[:32]}"
    assert letter.readable.startswith("00000000  00 ff 7b 6e")
    assert len(desk.letters.discard(desk.queue, letter.id, nothing)) == 1
    assert desk.depth().dead == 0


def test_an_act_that_cannot_be_recorded_is_not_done(desk: Desk) -> None:
    desk.put_event()

    def refuse(_letter: Letter) -> None:
        raise Unavailable("the document store is away")

    for act in (desk.letters.retry, desk.letters.discard):
        with pytest.raises(Unavailable):
            act(desk.queue, None, refuse)
        until(lambda: (desk.depth().ready, desk.depth().dead) == (0, 1))


def test_a_crash_between_publication_and_removal_leaves_both(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.put_event()

    def die(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr("chassis.dead_letters._Taken.remove", die)
    with pytest.raises(Unavailable):
        desk.letters.retry(desk.queue, None, nothing)
    until(lambda: (desk.depth().ready, desk.depth().dead) == (1, 1))


def test_operators_who_act_at_once_lose_and_double_nothing(desk: Desk) -> None:
    for number in range(30):
        desk.put_event(f"e-{number}")
    done: list[Letter] = []
    threads = [threading.Thread(target=lambda: done.extend(desk.letters.retry(desk.queue, None, nothing))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(letter.id for letter in done) == sorted(f"e-{number}" for number in range(30))
    until(lambda: (desk.depth().ready, desk.depth().dead) == (30, 0))


def test_acts_are_recorded_before_they_are_done_and_told_to_auditors(desk: Desk, document_engine: Documents) -> None:
    store = DocumentStore(connect(DocumentSettings(document_engine.url, f"ledger_{secrets.token_hex(4)}")), "ledger")
    ledger = DocumentLedger(store)
    ledger.prepare()
    relay = Relay(store, ConfirmedPublisher(desk.url, "gateway"), "gateway")
    store.notify(relay.wake)
    body = desk.put_event("e-1")
    desk.put(b"\x00\xff")
    with pytest.raises(InvalidInput):
        dead_letter_acts.discard(desk.letters, ledger, OLGA, desk.queue, "e-1", " ")
    with collecting(desk.url, "gateway") as collected:
        threading.Thread(target=relay.run, daemon=True).start()
        assert len(dead_letter_acts.retry(desk.letters, ledger, OLGA, desk.queue, "e-1", "tracks are back")) == 1
        assert len(dead_letter_acts.discard(desk.letters, ledger, OLGA, desk.queue, None, "no event of ours")) == 1
        retried, discarded = until(lambda: (found := collected.of(*dead_letter_acts.ACTS)) and len(found) == 2 and found)
        until(lambda: not store.pending(10))
        relay.stop()
    assert (retried.type, retried.subject, retried.emission_id) == ("DeadLetterRetried", "e-1", "em-1")
    assert (retried.data["reason"], retried.data["error"]) == ("tracks are back", "not_found: no tracks")
    assert retried.actor == {"user_id": "olga", "role": "operator", "office_id": None, "address": "203.0.113.7"}
    assert (discarded.type, discarded.data["body"], discarded.data["body_encoding"]) == ("DeadLetterDiscarded", "AP8=", "base64")
    kept = ledger.latest(dead_letter_acts.ACTS, 10)
    assert [one.type for one in kept] == ["DeadLetterDiscarded", "DeadLetterRetried"]
    assert kept[1].data["body_sha256"] == Letter("", body, {}).sha256


def test_queues_that_were_never_declared_are_told_apart(broker: Broker, desk: Desk) -> None:
    assert desk.depth().ready == 0
    never = BrokerDeadLetters(broker.url, [Subscription("media", "on_never", "conference", "Never")])
    assert never.depths()[0].ready is None
    assert never.letters() == []
    assert len(BrokerDeadLetters(broker.url).depths()) == len(SUBSCRIPTIONS)


def test_only_our_own_queues_can_be_looked_into(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.letters.letters("somebody-else's")


def test_a_broker_out_of_reach_is_said_so() -> None:
    nowhere = BrokerDeadLetters("amqp://guest:guest@127.0.0.1:9/")
    for look in (nowhere.depths, nowhere.letters):
        with pytest.raises(Unavailable):
            look()
