"""What a source publishes, collected on a queue of the test's own."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator

import pika

from contracts.envelope import Envelope
from contracts.topology import exchange_name


class Collected:
    """Events seen so far, each once, in order of first arrival: a relay killed between confirm and mark publishes again."""

    def __init__(self) -> None:
        self._events: dict[str, Envelope] = {}
        self.arrivals: list[str] = []
        """The id of every message, also of those that came again."""

    def add(self, envelope: Envelope) -> None:
        """Remember one, unless its id is known."""
        self.arrivals.append(envelope.id)
        self._events.setdefault(envelope.id, envelope)

    def of(self, *types: str) -> list[Envelope]:
        """Those of the given types (none given: all)."""
        return [event for event in list(self._events.values()) if not types or event.type in types]


@contextlib.contextmanager
def collecting(broker_url: str, *sources: str) -> Iterator[Collected]:
    """Collect every event of the sources until the end of the block."""
    collected = Collected()
    connection = pika.BlockingConnection(pika.URLParameters(broker_url))
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    for source in sources:
        channel.exchange_declare(exchange_name(source), "topic", durable=True)
        channel.queue_bind(queue, exchange_name(source), "#")
    channel.basic_consume(queue, lambda _c, _m, _p, body: collected.add(Envelope.from_dict(json.loads(body))), auto_ack=True)
    stopped = threading.Event()

    def consume() -> None:
        while not stopped.is_set():
            connection.process_data_events(time_limit=0.1)

    thread = threading.Thread(target=consume, daemon=True)
    thread.start()
    try:
        yield collected
    finally:
        stopped.set()
        thread.join(5)
        connection.close()


def publish(broker_url: str, envelope: Envelope) -> None:
    """Publish one event as its source would."""
    connection = pika.BlockingConnection(pika.URLParameters(broker_url))
    try:
        channel = connection.channel()
        channel.exchange_declare(exchange_name(envelope.source), "topic", durable=True)
        body = json.dumps(envelope.to_dict()).encode()
        properties = pika.BasicProperties(content_type="application/json", content_encoding="utf-8", delivery_mode=2)
        channel.basic_publish(exchange_name(envelope.source), envelope.type, body, properties)
    finally:
        connection.close()
