"""Everything that is published, kept as it came: a durable queue of our own on every exchange."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pika
from pika.exceptions import AMQPError

from contracts.envelope import Envelope
from contracts.topology import SOURCES, exchange_name

QUEUE = "tests.faults.tap"


@dataclass(frozen=True, slots=True)
class Published:
    """One message as it was on its exchange."""

    exchange: str
    routing_key: str
    body: bytes
    properties: Any


class Tap:
    """Listens until closed; lives through the broker's absences."""

    def __init__(self, broker_url: str) -> None:
        self._url = broker_url
        self._messages: list[Published] = []
        self._stopped = threading.Event()
        self._declared = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="tap", daemon=True)
        self._thread.start()
        if not self._declared.wait(30):
            raise TimeoutError("the tap could not be opened")

    def newest(self, count: int) -> list[Published]:
        """The last that came."""
        return self._messages[-count:]

    def events(self) -> dict[str, Envelope]:
        """Every event by its id."""
        found = [Envelope.from_dict(json.loads(message.body)) for message in list(self._messages)]
        return {one.id: one for one in found}

    def times(self) -> Counter[str]:
        """How often each event was published."""
        return Counter(json.loads(message.body)["id"] for message in list(self._messages))

    def close(self) -> None:
        """Stop listening."""
        self._stopped.set()
        self._thread.join(10)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(AMQPError, OSError):
                self._consume()
            time.sleep(0.2)

    def _consume(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        try:
            channel = connection.channel()
            channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
            for source in SOURCES:
                channel.exchange_declare(exchange_name(source), "topic", durable=True)
                channel.queue_bind(QUEUE, exchange_name(source), "#")
            channel.basic_qos(prefetch_count=500)
            channel.basic_consume(QUEUE, self._keep)
            self._declared.set()
            while not self._stopped.is_set():
                connection.process_data_events(time_limit=0.2)
        finally:
            with contextlib.suppress(AMQPError):
                connection.close()

    def _keep(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self._messages.append(Published(method.exchange, method.routing_key, body, properties))
        channel.basic_ack(method.delivery_tag)
