"""An event is handled, waits for its next try, or lies dead with its error: never lost."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pika
import pytest

from chassis.clock import new_id
from chassis.dead_letters import BrokerDeadLetters
from chassis.letters import Letter
from chassis.queues import DELIVERY_LIMIT
from contracts.actor import system
from contracts.envelope import Envelope
from contracts.operation import Operation, Request, Shape
from contracts.topology import Subscription
from deploy.local.process import Program, StartFailed, answers_http, free_ports
from tests.support import services
from tests.support.engines import Broker, running
from tests.support.events import publish
from tests.support.waiting import until

pytestmark = pytest.mark.integration
SUBSCRIPTION = Subscription("flaky", "on_counted", "flaky_source", "Counted")
QUEUE = SUBSCRIPTION.queue
ANSWER = Operation("flaky", "answer", "query", Request, Shape, frozenset({"system"}))


@contextlib.contextmanager
def flaky(broker: Broker, folder: Path) -> Iterator[None]:
    (port,) = free_ports(1)
    env = {**services.environment(broker), "FLAKY_FOLDER": str(folder), "TITULAR_HEALTH_PORT": str(port)}
    argv = (sys.executable, "-m", "tests.support.flaky_service")
    with running(Program("flaky", argv, lambda: answers_http(f"http://127.0.0.1:{port}/health/ready"), env), folder):
        yield


def sent(broker: Broker, **data: Any) -> str:
    event_id = new_id()
    publish(broker.url, Envelope(event_id, "flaky_source", "Counted", "c", datetime.now(UTC), data))
    return event_id


def attempts(folder: Path, event_id: str) -> int:
    path = folder / event_id
    return len(path.read_text()) if path.exists() else 0


def dead(broker: Broker) -> list[tuple[str, str]]:
    connection = pika.BlockingConnection(pika.URLParameters(broker.url))
    try:
        channel = connection.channel()
        found = []
        while True:
            method, properties, body = channel.basic_get(f"{QUEUE}.dead")
            if method is None:
                return found
            found.append((body.decode(), properties.headers["x-error"]))
    finally:
        connection.close()  # unacknowledged: they stay


def test_retries_dead_letters_and_a_killed_process(broker: Broker, tmp_path: Path) -> None:
    with flaky(broker, tmp_path):
        well = sent(broker)
        later = sent(broker, fails=1)
        lasting = sent(broker, lasting=True)
        until(lambda: attempts(tmp_path, well) == 1)
        until(lambda: attempts(tmp_path, later) == 2)
        letters = until(lambda: dead(broker))
        assert [(lasting in body, error) for body, error in letters] == [(True, "conflict: never")]
        assert attempts(tmp_path, lasting) == 1
        dies = sent(broker, dies=True)
        until(lambda: attempts(tmp_path, dies) == 1)
    with flaky(broker, tmp_path):
        until(lambda: attempts(tmp_path, dies) == 2)


WHOLE = {"specversion": "1.0", "id": "e", "source": "/titular/flaky_source", "type": "Counted", "subject": "c"}
UNREADABLE = {
    b"{not json": ("application/json", "utf-8", "unreadable: DecodeError"),
    b"\x00\xff\xfe": ("application/json", "utf-8", "unreadable: "),
    b"\x80\x04.": ("application/x-python-serialize", "binary", "unreadable: ContentDisallowed"),
    b'{"id": "strange"}': ("application/json", "of another world", "invalid_input: event without specversion"),
    b"plain": (None, None, "invalid_input: not an event"),
    b"null": ("application/json", "utf-8", "invalid_input: not an event"),
    b'["a", "list"]': ("application/json", "utf-8", "invalid_input: not an event"),
    b"{}": ("application/json", "utf-8", "invalid_input: event without specversion"),
    json.dumps(WHOLE).encode(): ("application/json", "utf-8", "invalid_input: event without time"),
    json.dumps({**WHOLE, "time": "2026-11-22T12:00:00Z", "data": 7}).encode(): (
        "application/json",
        "utf-8",
        "invalid_input: an event's data is no JSON object",
    ),
    json.dumps({**WHOLE, "time": "2026-11-22T12:00:00Z", "data": {"fails": "often"}}).encode(): (
        "application/json",
        "utf-8",
        "invalid_input: invalid: data.fails",
    ),
}


def test_what_is_no_event_lies_dead_at_once_and_stops_nothing(broker: Broker, tmp_path: Path) -> None:
    letters = BrokerDeadLetters(broker.url, [SUBSCRIPTION])
    with flaky(broker, tmp_path):
        letters.discard(QUEUE, None, lambda _: None)
        connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        channel = connection.channel()
        for body, (kind, encoding, _error) in UNREADABLE.items():
            properties = pika.BasicProperties(kind, encoding, {"x-attempt": "many"}, 2)
            channel.basic_publish("flaky_source.events", "Counted", body, properties)
        channel.basic_publish("nameko-rpc", "flaky.answer", b"{no question", pika.BasicProperties("application/json", "utf-8"))
        connection.close()
        found = until(lambda: len(seen := letters.letters(QUEUE)) == len(UNREADABLE) and seen)
        errors = {letter.body: letter.error for letter in found}
        assert {body for body, (*_, error) in UNREADABLE.items() if not errors[body].startswith(error)} == set()
        assert {letter.attempts for letter in found if letter.error.startswith("unreadable")} == {0}
        well = sent(broker)
        until(lambda: attempts(tmp_path, well) == 1)
        with services.caller(broker) as ask:
            assert ask(ANSWER, {}, actor=system("test")) == {}
        assert len(letters.discard(QUEUE, None, lambda _: None)) == len(UNREADABLE)


def test_an_event_that_ends_its_process_each_time_lies_dead_in_the_end(broker: Broker, tmp_path: Path) -> None:
    letters = BrokerDeadLetters(broker.url, [SUBSCRIPTION])
    deadly = sent(broker, dies_always=True)

    def dead_now() -> list[Letter]:
        return [letter for letter in letters.letters(QUEUE) if letter.id == deadly]

    for _ in range(DELIVERY_LIMIT + 2):
        if dead_now():
            break
        before = attempts(tmp_path, deadly)
        with contextlib.suppress(StartFailed), flaky(broker, tmp_path):
            until(lambda before=before: attempts(tmp_path, deadly) > before or dead_now())
    (letter,) = until(dead_now)
    assert letter.error.startswith("delivery_limit")
    assert letter.failed_at is not None
