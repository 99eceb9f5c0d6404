"""How much waits in the broker's queues, by AMQP alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import kombu
from amqp.exceptions import ChannelError
from kombu.exceptions import OperationalError

from contracts.errors import Unavailable
from contracts.topology import RETRY_DELAYS_SECONDS, Subscription


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


def look(broker_url: str, subscriptions: Iterable[Subscription]) -> list[Depth]:
    """The depths of all these consumers' queues; :class:`Unavailable` where the broker does not answer."""
    try:
        with kombu.Connection(broker_url, connect_timeout=3) as connection:
            return [_depth(connection, subscription) for subscription in subscriptions]
    except (OperationalError, OSError) as error:
        raise Unavailable("the broker does not answer") from error


def check(broker_url: str) -> None:
    """Raises where the broker does not answer (health)."""
    with kombu.Connection(broker_url, connect_timeout=3) as connection:
        connection.connect()


def _depth(connection: Any, subscription: Subscription) -> Depth:
    ready, consumers = _count(connection, subscription.queue)
    retrying = sum(_count(connection, subscription.retry(delay))[0] or 0 for delay in RETRY_DELAYS_SECONDS)
    dead = _count(connection, subscription.dead)[0] or 0
    return Depth(
        subscription.queue, subscription.service, subscription.source, subscription.event, ready, consumers, retrying, dead
    )


def _count(connection: Any, queue: str) -> tuple[int | None, int]:
    """Messages and consumers of a queue; a queue that is not there closes the channel, so each look has its own."""
    with connection.channel() as channel:
        try:
            declared = channel.queue_declare(queue, passive=True)
        except ChannelError:
            return None, 0
    return declared.message_count, declared.consumer_count
