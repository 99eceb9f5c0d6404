"""Takes every event from every source's exchange, by an exclusive queue that ends with the process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import kombu
from kombu.exceptions import KombuError

from chassis import queues
from chassis.logs import get_logger
from chassis.reconnection import QuickReconnect
from contracts.envelope import Envelope
from contracts.errors import InvalidInput
from contracts.topology import SOURCES

logger = get_logger(__name__)
HEARTBEAT_SECONDS = 30
CONNECT_SECONDS = 3


class EventConsumer(QuickReconnect):
    """Connects again by itself; events of the time between are missed, and ``on_loss`` is told so."""

    def __init__(self, broker_url: str, on_event: Callable[[Envelope], None], on_loss: Callable[[], None] = lambda: None) -> None:
        self.connection = kombu.Connection(broker_url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=CONNECT_SECONDS)
        self.connected = threading.Event()
        self._on_event = on_event
        self._on_loss = on_loss
        self._was_connected = False

    def get_consumers(self, consumer: Any, channel: Any) -> list[Any]:
        """One exclusive queue, bound to all exchanges."""
        bindings = [kombu.binding(queues.exchange(source), routing_key="#") for source in SOURCES]
        # Classic and exclusive: it is this process's own and ends with its connection.
        own = kombu.Queue("", bindings=bindings, exclusive=True, auto_delete=True, durable=False)
        return [consumer(queues=[own], callbacks=[self._take], no_ack=True, accept=["json"])]

    def on_consume_ready(self, *_: Any, **__: Any) -> None:
        """See kombu's ConsumerMixin."""
        self.connected.set()
        if self._was_connected:
            self._on_loss()
        self._was_connected = True

    def on_connection_error(self, exc: Any, interval: float) -> None:
        """See kombu's ConsumerMixin."""
        self.connected.clear()
        logger.warning("broker out of reach", error=type(exc).__name__, seconds=interval)

    def on_connection_revived(self) -> None:
        """See kombu's ConsumerMixin."""
        self.connected.clear()

    def _take(self, body: Any, _message: Any) -> None:
        try:
            self._on_event(Envelope.from_dict(body))
        except (InvalidInput, TypeError, ValueError) as error:
            logger.warning("not an event of ours", error=type(error).__name__)

    def check(self) -> None:
        """Raises while the broker is out of reach (health)."""
        if not self.connected.is_set():
            raise ConnectionError("not connected to the broker")

    def run_until_stopped(self) -> None:
        """For a thread."""
        try:
            self.run()
        except (KombuError, OSError):
            if not self.should_stop:
                logger.exception("the event consumer ended")
                raise
