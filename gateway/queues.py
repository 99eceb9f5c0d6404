"""A look into the broker's queues, by AMQP alone: depths, consumers, and what lies dead."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import kombu
import pika
from amqp.exceptions import ChannelError
from kombu.exceptions import OperationalError
from pika.exceptions import AMQPError

from contracts.errors import NotFound, Unavailable
from contracts.topology import RETRY_DELAYS_SECONDS, SUBSCRIPTIONS, Subscription

ATTEMPT_HEADER = "x-attempt"
ERROR_HEADER = "x-error"
LONGEST_PEEK = 50


@dataclass(frozen=True, slots=True)
class Depth:
    """One consumer's queues. ``ready`` is None where the queue was never declared."""

    queue: str
    service: str
    source: str
    event: str
    ready: int | None
    consumers: int
    retrying: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event that could not be handled, without its data."""

    event_id: str
    type: str
    time: str
    emission_id: str | None
    error: str
    attempts: int


class Queues(Protocol):
    """What operators may see and do."""

    def depths(self) -> list[Depth]:
        """All consumers' queues; :class:`Unavailable` where the broker does not answer."""

    def peek(self, queue: str) -> list[DeadLetter]:
        """The oldest dead letters of a consumer's queue; :class:`NotFound` for a queue that is not ours."""

    def redrive(self, queue: str) -> int:
        """Give all dead letters of a queue to their consumer once more; returns how many."""

    def check(self) -> None:
        """Raises where the broker does not answer (health)."""


def subscription_by_queue(queue: str) -> Subscription:
    """The declared subscription; :class:`NotFound`."""
    for subscription in SUBSCRIPTIONS:
        if subscription.queue == queue:
            return subscription
    raise NotFound("no such queue")


class BrokerQueues:
    """The production adapter."""

    def __init__(self, broker_url: str) -> None:
        self._url = broker_url

    def depths(self) -> list[Depth]:
        """See :class:`Queues`."""
        try:
            with kombu.Connection(self._url, connect_timeout=3) as connection:
                return [self._depth(connection, subscription) for subscription in SUBSCRIPTIONS]
        except (OperationalError, OSError) as error:
            raise Unavailable("the broker does not answer") from error

    def _depth(self, connection: Any, subscription: Subscription) -> Depth:
        ready, consumers = _count(connection, subscription.queue)
        retrying = sum(_count(connection, subscription.retry(delay))[0] or 0 for delay in RETRY_DELAYS_SECONDS)
        dead = _count(connection, subscription.dead)[0] or 0
        return Depth(
            subscription.queue, subscription.service, subscription.source, subscription.event, ready, consumers, retrying, dead
        )

    def peek(self, queue: str) -> list[DeadLetter]:
        """See :class:`Queues`. The letters are taken unacknowledged and return as the channel closes."""
        with self._channel() as channel:
            return [_dead_letter(properties, body) for _, properties, body in _taken(channel, queue, LONGEST_PEEK)]

    def redrive(self, queue: str) -> int:
        """See :class:`Queues`. Each letter is published and confirmed before it is removed: twice at worst, never lost."""
        moved = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            waiting = channel.queue_declare(subscription_by_queue(queue).dead, passive=True).method.message_count
            for method, properties, body in _taken(channel, queue, waiting):
                properties.headers = {
                    key: value
                    for key, value in (properties.headers or {}).items()
                    if key not in {ATTEMPT_HEADER, ERROR_HEADER} and not key.startswith("x-death")
                }
                channel.basic_publish("", queue, body, properties, mandatory=True)
                channel.basic_ack(method.delivery_tag)
                moved += 1
        return moved

    def check(self) -> None:
        """See :class:`Queues`."""
        with kombu.Connection(self._url, connect_timeout=3) as connection:
            connection.connect()

    @contextlib.contextmanager
    def _channel(self) -> Iterator[Any]:
        parameters = pika.URLParameters(self._url)
        parameters.socket_timeout = 3
        try:
            connection = pika.BlockingConnection(parameters)
        except (AMQPError, OSError) as error:
            raise Unavailable("the broker does not answer") from error
        try:
            yield connection.channel()
        finally:
            connection.close()


def _count(connection: Any, queue: str) -> tuple[int | None, int]:
    """Messages and consumers of a queue; a queue that is not there closes the channel, so each look has its own."""
    with connection.channel() as channel:
        try:
            declared = channel.queue_declare(queue, passive=True)
        except ChannelError:
            return None, 0
    return declared.message_count, declared.consumer_count


def _taken(channel: Any, queue: str, limit: int) -> Iterator[tuple[Any, Any, bytes]]:
    dead = subscription_by_queue(queue).dead
    for _ in range(limit):
        method, properties, body = channel.basic_get(dead, auto_ack=False)
        if method is None:
            return
        yield method, properties, body


def _dead_letter(properties: Any, body: bytes) -> DeadLetter:
    headers = properties.headers or {}
    try:
        envelope = json.loads(body)
    except ValueError:
        envelope = {}
    return DeadLetter(
        event_id=str(envelope.get("id", "")),
        type=str(envelope.get("type", "")),
        time=str(envelope.get("time", "")),
        emission_id=envelope.get("emissionid"),
        error=str(headers.get(ERROR_HEADER, "")),
        attempts=int(headers.get(ATTEMPT_HEADER, 0)),
    )
