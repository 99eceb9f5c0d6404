"""The relay: stored events are published with publisher confirms, and only then marked as sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pika
from pika.exceptions import AMQPError

from chassis import metrics, queues
from chassis.lease import Lease, SoleReplica
from chassis.logs import get_logger
from contracts.envelope import Envelope
from contracts.topology import SUBSCRIPTIONS, exchange_name

logger = get_logger(__name__)
BATCH = 200
IDLE_SECONDS = 1.0
BACKOFF_SECONDS = (0.25, 0.5, 1.0)
HEARTBEAT_SECONDS = 15
CONNECT_SECONDS = 3.0
BLOCKED_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Pending:
    """A stored event that waits. ``mark`` is the source's own way of finding it again."""

    envelope: Envelope
    mark: Any


class OutboxSource(Protocol):
    """A store whose events wait to be published, in the order in which they were stored."""

    def pending(self, limit: int) -> Sequence[Pending]:
        """The oldest waiting events."""

    def mark_sent(self, sent: Sequence[Pending]) -> None:
        """Remember that these were confirmed by the broker. Called after every publication; may be repeated."""


class Publisher(Protocol):
    """Puts an event on its exchange and returns once the broker has confirmed it."""

    def publish(self, envelope: Envelope) -> None:
        """Raises :class:`pika.exceptions.AMQPError` or OSError where it was not confirmed."""

    def idle(self) -> None:
        """Called while there is nothing to do (heartbeats)."""

    def close(self) -> None:
        """End the connection."""


class ConfirmedPublisher:
    """Publishes on one connection with confirms; connects at the first publication and after a loss."""

    def __init__(self, broker_url: str, source: str) -> None:
        self._url = broker_url
        self._source = source
        self._connection: Any = None
        self._channel: Any = None

    def publish(self, envelope: Envelope) -> None:
        """See :class:`Publisher`."""
        self._ensure_open()
        properties = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=envelope.id,
            type=envelope.type,
            app_id=envelope.source,
        )
        body = json.dumps(envelope.to_dict(), ensure_ascii=False).encode()
        self._channel.basic_publish(exchange_name(envelope.source), envelope.type, body, properties)

    def idle(self) -> None:
        """See :class:`Publisher`."""
        if self._connection is not None and self._connection.is_open:
            self._connection.process_data_events(time_limit=0)

    def close(self) -> None:
        """See :class:`Publisher`."""
        if self._connection is not None and self._connection.is_open:
            self._connection.close()
        self._connection = None

    def _ensure_open(self) -> None:
        if self._connection is not None and self._connection.is_open and self._channel.is_open:
            return
        # Queues of consumers that have never run yet must exist, or their first events would be dropped.
        listeners = [subscription for subscription in SUBSCRIPTIONS if subscription.source == self._source]
        queues.declare(self._url, listeners, [self._source])
        parameters = pika.URLParameters(self._url)
        parameters.heartbeat = HEARTBEAT_SECONDS
        parameters.socket_timeout = CONNECT_SECONDS
        parameters.stack_timeout = CONNECT_SECONDS
        parameters.blocked_connection_timeout = BLOCKED_SECONDS
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()


class Relay:
    """Moves what waits in a source to the broker, in order, for ever; woken after each commit and by itself each second.

    ``lease`` lets one replica of a service at a time publish, so that the events of a source leave once and in order.
    """

    def __init__(self, source: OutboxSource, publisher: Publisher, name: str, lease: Lease | None = None) -> None:
        self._source = source
        self._publisher = publisher
        self._name = name
        self._lease = lease or SoleReplica()
        self._wake = threading.Event()
        self._stopped = threading.Event()

    def wake(self) -> None:
        """Something was stored: look now."""
        self._wake.set()

    def stop(self) -> None:
        """End after the present batch."""
        self._stopped.set()
        self._wake.set()

    def run(self) -> None:
        """Relay until stopped; trouble with broker or store costs nothing but delay."""
        try:
            self._run()
        finally:
            self._give_way()

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            self._wake.clear()
            try:
                moved = self.move_batch()
                failures = 0
            except Exception as error:
                self._log_failure(error)
                self._stopped.wait(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
                failures += 1
                continue
            if moved < BATCH:
                self._wake.wait(IDLE_SECONDS)
        self._publisher.close()

    def move_batch(self) -> int:
        """Publish one batch and mark it; returns how many were moved. Stops marking at the first that failed.

        Another replica's turn moves nothing; a turn that ends in the midst of a batch ends the batch.
        """
        if not self._lease.held():
            metrics.RELAY_LAG.labels(self._name).set(0)  # who holds the lease tells
            self._publisher.idle()
            return 0
        waiting = self._source.pending(BATCH)
        metrics.RELAY_LAG.labels(self._name).set(len(waiting))
        if not waiting:
            self._publisher.idle()
            return 0
        sent: list[Pending] = []
        try:
            for pending in waiting:
                if not self._lease.held():
                    break
                self._publisher.publish(pending.envelope)
                sent.append(pending)
        finally:
            if sent:
                self._source.mark_sent(sent)
                metrics.RELAYED.labels(self._name).inc(len(sent))
        return len(sent)

    def _give_way(self) -> None:
        try:
            self._lease.release()
        except Exception as error:  # it runs out by itself
            self._log_failure(error)

    def _log_failure(self, error: Exception) -> None:
        kind = "broker" if isinstance(error, AMQPError | OSError) else "store"
        logger.warning("relay waits", source=self._name, trouble=kind, error=f"{type(error).__name__}: {error}"[:200])
